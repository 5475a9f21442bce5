# SPDX-License-Identifier: Apache-2.0
# Compiler and linker flags: each is probed and kept in a variable of our own, so that CFLAGS and LDFLAGS
# stay what the user said.

# SG_APPEND_FLAG(VARIABLE, FLAG): append FLAG to VARIABLE if the compiler takes it.
AC_DEFUN([SG_APPEND_FLAG], [
  AS_VAR_PUSHDEF([cachevar], [sg_cv_cflag_$2])
  AC_CACHE_CHECK([whether $CC accepts $2], [cachevar], [
    sg_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [AS_VAR_SET([cachevar], [yes])], [AS_VAR_SET([cachevar], [no])])
    CFLAGS=$sg_saved_CFLAGS])
  AS_VAR_IF([cachevar], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cachevar])
  AC_SUBST([$1])
])

# SG_APPEND_LINK_FLAG(VARIABLE, FLAG): the same for the linker.
AC_DEFUN([SG_APPEND_LINK_FLAG], [
  AS_VAR_PUSHDEF([cachevar], [sg_cv_ldflag_$2])
  AC_CACHE_CHECK([whether the linker accepts $2], [cachevar], [
    sg_saved_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AS_VAR_SET([cachevar], [yes])], [AS_VAR_SET([cachevar], [no])])
    LDFLAGS=$sg_saved_LDFLAGS])
  AS_VAR_IF([cachevar], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cachevar])
  AC_SUBST([$1])
])

AC_DEFUN([SG_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])])
  m4_foreach_w([flag], [-Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wpointer-arith -Wcast-align -Wwrite-strings -Wundef -Wvla
    -Wimplicit-fallthrough -Wdeclaration-after-statement -Wnull-dereference -Wduplicated-cond
    -Wlogical-op -Wno-missing-field-initializers],
    [SG_APPEND_FLAG([SG_CFLAGS], flag)])
  AS_IF([test "x$enable_werror" = xyes], [SG_APPEND_FLAG([SG_CFLAGS], [-Werror])])
])

AC_DEFUN([SG_HARDENING], [
  AC_ARG_ENABLE([hardening], [AS_HELP_STRING([--disable-hardening], [leave out the hardening flags])])
  SG_LDFLAGS=
  AS_IF([test "x$enable_hardening" != xno], [
    m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection -fcf-protection
      -ftrivial-auto-var-init=zero -fno-common -fPIE],
      [SG_APPEND_FLAG([SG_CFLAGS], flag)])
    dnl _FORTIFY_SOURCE needs an optimising build, and is an error beside a sanitizer.
    AS_IF([test -z "$enable_sanitizers" || test "x$enable_sanitizers" = xno], [
      AS_CASE([" $CFLAGS "], [*" -O0 "*], [], [*" -O"*],
        [SG_APPEND_FLAG([SG_CFLAGS], [-U_FORTIFY_SOURCE])
         SG_APPEND_FLAG([SG_CFLAGS], [-D_FORTIFY_SOURCE=2])])])
    SG_APPEND_LINK_FLAG([SG_LDFLAGS], [-Wl,-z,relro])
    SG_APPEND_LINK_FLAG([SG_LDFLAGS], [-Wl,-z,now])
    SG_APPEND_LINK_FLAG([SG_LDFLAGS], [-Wl,-z,noexecstack])
    SG_APPEND_LINK_FLAG([SG_PIE_LDFLAGS], [-pie])
  ])
  AC_SUBST([SG_LDFLAGS])
  AC_SUBST([SG_PIE_LDFLAGS])
])

AC_DEFUN([SG_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST], [build with sanitizers, such as address,undefined])])
  AS_IF([test -n "$enable_sanitizers" && test "x$enable_sanitizers" != xno], [
    AS_IF([test "x$enable_sanitizers" = xyes], [enable_sanitizers=address,undefined])
    SG_CFLAGS="$SG_CFLAGS -fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
    SG_LDFLAGS="$SG_LDFLAGS -fsanitize=$enable_sanitizers"
  ])
])

# SG_STATIC_HOOKS: the programs between engine and runtime are linked statically where that works, because
# loading a shared libc and yajl costs more than all of the deciding.
AC_DEFUN([SG_STATIC_HOOKS], [
  AC_ARG_ENABLE([static-hooks],
    [AS_HELP_STRING([--enable-static-hooks], [link seccomp-guard-hook and seccomp-guard-runtime statically [where possible]])],
    [], [enable_static_hooks=auto])
  AS_IF([test -n "$enable_sanitizers" && test "x$enable_sanitizers" != xno], [
    AS_IF([test "x$enable_static_hooks" = xyes], [AC_MSG_ERROR([--enable-static-hooks and --enable-sanitizers exclude each other])])
    enable_static_hooks=no])
  sg_static_hooks=no
  AS_IF([test "x$enable_static_hooks" != xno], [
    AC_MSG_CHECKING([how to link yajl statically])
    sg_saved_LIBS=$LIBS; sg_saved_LDFLAGS=$LDFLAGS; sg_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $YAJL_CFLAGS -fPIE"
    for sg_mode in -static-pie -static; do
      for sg_lib in -lyajl_s -lyajl; do
        AS_IF([test "$sg_static_hooks" = no], [
          LDFLAGS="$sg_saved_LDFLAGS $sg_mode"
          LIBS="`$PKG_CONFIG --libs-only-L yajl` $sg_lib"
          AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <yajl/yajl_parse.h>]], [[yajl_free(yajl_alloc(0, 0, 0));]])],
            [sg_static_hooks="$sg_mode $sg_lib"; HOOK_LDFLAGS=$sg_mode; HOOK_LIBS=$LIBS])])
      done
    done
    AC_MSG_RESULT([$sg_static_hooks])
    # Two thousand relocations in one page instead of fifteen. The C library's start has to know them, so it is tried.
    AS_CASE([$sg_static_hooks], [-static-pie*], [
      AC_MSG_CHECKING([whether relative relocations can be packed])
      LDFLAGS="$sg_saved_LDFLAGS $HOOK_LDFLAGS -Wl,-z,pack-relative-relocs"
      LIBS=$HOOK_LIBS
      AC_RUN_IFELSE([AC_LANG_PROGRAM([[static const char *const words[] = {"a", "b"};]],
          [[const char *const *volatile w = words; return w[1][0] != 'b';]])],
        [sg_packed=yes; HOOK_LDFLAGS="$HOOK_LDFLAGS -Wl,-z,pack-relative-relocs"], [sg_packed=no], [sg_packed=no])
      AC_MSG_RESULT([$sg_packed])])
    LIBS=$sg_saved_LIBS; LDFLAGS=$sg_saved_LDFLAGS; CFLAGS=$sg_saved_CFLAGS
    AS_IF([test "$sg_static_hooks:$enable_static_hooks" = no:yes], [AC_MSG_ERROR([yajl cannot be linked statically])])
  ])
  AS_IF([test "$sg_static_hooks" = no], [HOOK_LDFLAGS=$SG_PIE_LDFLAGS; HOOK_LIBS=$YAJL_LIBS])
  AC_SUBST([HOOK_LDFLAGS])
  AC_SUBST([HOOK_LIBS])
  AM_CONDITIONAL([STATIC_HOOKS], [test "$sg_static_hooks" != no])
])

# SG_STATIC_PROBE: what runs alone in a container's root directory, where the C library can be linked statically.
AC_DEFUN([SG_STATIC_PROBE], [
  AC_MSG_CHECKING([how to link the C library statically])
  sg_saved_LDFLAGS=$LDFLAGS; sg_saved_CFLAGS=$CFLAGS
  sg_static_probe=no
  for sg_mode in -static-pie -static; do
    AS_IF([test "$sg_static_probe" = no], [
      AS_CASE([$sg_mode], [-static-pie], [PROBE_CFLAGS=-fPIE], [PROBE_CFLAGS=])
      LDFLAGS="$sg_saved_LDFLAGS $sg_mode"; CFLAGS="$sg_saved_CFLAGS $PROBE_CFLAGS"
      AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [sg_static_probe=$sg_mode])])
  done
  LDFLAGS=$sg_saved_LDFLAGS; CFLAGS=$sg_saved_CFLAGS
  AC_MSG_RESULT([$sg_static_probe])
  AC_SUBST([PROBE_CFLAGS])
  AC_SUBST([PROBE_LDFLAGS], [$sg_static_probe])
  AM_CONDITIONAL([STATIC_PROBE], [test "$sg_static_probe" != no])
])

# SG_LIVE: live injection where src/live has an injector for what the compiler makes. The compiler is asked rather than
# $host_cpu, which says x86_64 for -m32, too.
AC_DEFUN([SG_LIVE], [
  AC_ARG_ENABLE([live],
    [AS_HELP_STRING([--disable-live], [the hook refuses a container that it would have to confine [by itself where there is no injector]])],
    [], [enable_live=auto])
  AC_CACHE_CHECK([whether there is live injection for this architecture], [sg_cv_injector], [
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#if !(defined(__x86_64__) || defined(__aarch64__)) || defined(__ILP32__)
#error none
#endif]], [])], [sg_cv_injector=yes], [sg_cv_injector=no])])
  AS_IF([test "$enable_live:$sg_cv_injector" = yes:no],
    [AC_MSG_ERROR([--enable-live: there is no injector for this architecture, only for x86_64 and aarch64])])
  sg_live=$sg_cv_injector
  AS_IF([test "$enable_live" = no], [sg_live=no])
  AM_CONDITIONAL([LIVE], [test "$sg_live" = yes])
])
