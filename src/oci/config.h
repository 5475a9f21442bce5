/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of an OCI runtime configuration (runtime-spec config.md, config-linux.md) that a
 * decision rests on, and the byte offsets that splicing needs.
 */
#ifndef SECCOMP_GUARD_OCI_CONFIG_H
#define SECCOMP_GUARD_OCI_CONFIG_H

#include "base/base.h"
#include "oci/seccomp.h"

/* Larger than anything an engine writes (9 to 23 kB were seen) by two orders of magnitude. */
#define OCICONFIG_MAX_SIZE (4U << 20)

/* Kubernetes allows 256 KiB of annotations; some hundred are many. */
#define OCICONFIG_MAX_ANNOTATIONS 4096

struct oci_annotation {
	struct span key;
	struct span value;
	struct oci_annotation *next;
	struct oci_annotation *same_bucket; /* the reader's own */
};

/* The engine's own files that it mounts into a container: where they are tells where it keeps what
 * it knows of the container. */
enum oci_own_file { OWN_HOSTNAME, OWN_RESOLV_CONF, OWN_CONTAINERENV, OWN_SHM, OWN_FILES };

/* Everything points into `text` or into the arena that was given. */
struct ociconfig {
	struct span text;
	struct span linux_; /* the object `linux`; p == NULL when there is none */
	bool linux_is_empty;
	struct span seccomp; /* the value of `linux.seccomp`, null included; p == NULL when the key
				is absent */
	bool has_profile;    /* it is an object, read into `profile` */
	struct seccomp_profile profile;

	struct span cgroups_path; /* linux.cgroupsPath; p == NULL when absent */
	uint64_t bounding;        /* process.capabilities.bounding, the known names, as bits */
	bool no_new_privileges;   /* process.noNewPrivileges */
	size_t n_masked_paths;
	bool all_devices; /* linux.resources.devices allows every access to every device */
	struct span own_files[OWN_FILES]; /* what is mounted there last; p == NULL: nothing */
	struct span root_path;            /* root.path; p == NULL when absent */
	bool writable_sysfs; /* /sys is a sysfs that may be written to, not one of the host's */

	struct oci_annotation *annotations;
	struct span
		annotations_text; /* the object `annotations`, or null; p == NULL: no such key */
	bool annotations_are_empty;
	bool program_known; /* OCI_PROGRAM_ANNOTATION is what `profile` comes to: set by whoever
			       has found that out */
};

/* By this crun takes the program of the filter, in base64, and passes linux.seccomp over but for
 * its flags (crun src/libcrun/seccomp.c, libcrun_copy_seccomp()). */
#define OCI_PROGRAM_ANNOTATION "run.oci.seccomp_bpf_data"

/*
 * Read `text`. `keep` holds what the result points to, `scratch` is working memory. Fails, with an
 * offset, on anything that is not JSON or that runtimes would read differently.
 */
int ociconfig_read(struct span text, struct arena *keep, struct arena *scratch,
		   struct ociconfig *ret_config, struct error *err);

/*
 * Device rules as the kernel's cgroup takes them: the last that matches a device counts
 * (Documentation/admin-guide/cgroup-v1/devices.rst; runc and crun make the same of them for
 * version 2).
 */
#define OCI_DEVICE_CHAR 1U
#define OCI_DEVICE_BLOCK 2U
#define OCI_DEVICE_BOTH (OCI_DEVICE_CHAR | OCI_DEVICE_BLOCK)

struct oci_device_rule {
	bool allow;
	unsigned int kinds; /* OCI_DEVICE_* */
	bool numbered;      /* for one device, or those of one driver */
	bool full;          /* read, write, mknod */
};

/* Of `type` and `access` as they are written in a rule. */
unsigned int oci_device_kinds(struct span type);
bool oci_device_access_is_full(struct span access);

/* *open are the kinds every access to every device of which the rules so far allow; 0 before the
 * first. Returns whether they are all with `rule` behind them. */
bool oci_devices_add(unsigned int *open, const struct oci_device_rule *rule);

/* The value of `key` in a list; p == NULL when there is none. */
struct span oci_annotation_value(const struct oci_annotation *list, struct span key);

/* The value of annotation `key`; p == NULL when there is none. */
struct span ociconfig_annotation(const struct ociconfig *config, struct span key);

/*
 * The name of the annotation by which crun takes a filter or the answers to its notifications from
 * outside linux.seccomp (crun src/libcrun/container.c and seccomp.c), or NULL. With program_known
 * the program is not from outside.
 */
const char *ociconfig_foreign_filter(const struct ociconfig *config);

/* Does crun refuse a profile with a name that its libseccomp does not know, which it otherwise
 * leaves out (run.oci.seccomp_fail_unknown_syscall; crun src/libcrun/container.c)? */
bool ociconfig_fails_on_unknown_calls(const struct ociconfig *config);

/*
 * Was the container asked for as privileged? By the facts that all engines share: no masked paths,
 * every capability that the engine could give, and what only privileged containers get: all devices
 * or a writable sysfs of its own. containerd with privileged_without_host_devices, and rootless
 * podman, give no devices (containerd internal/cri/server/container_create.go, podman
 * pkg/specgen/generate/oci_linux.go); where podman shares the host's network without root it cannot
 * give a sysfs either, and its own word counts beside the other facts. Its word to the contrary
 * counts alone.
 */
bool ociconfig_is_privileged(const struct ociconfig *config);

#endif
