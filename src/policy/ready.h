/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ready programs: the filter of a profile, for crun to load as it is (OCI_PROGRAM_ANNOTATION). crun
 * then makes none of linux.seccomp, which costs it most of a start, but takes its flags. A runtime
 * that does not know the annotation finds the profile beside it. Pure.
 */
#ifndef SECCOMP_GUARD_POLICY_READY_H
#define SECCOMP_GUARD_POLICY_READY_H

#include "policy/enforce.h"

/* What whoever starts the container makes of such an annotation. */
enum ready_use {
	READY_IGNORED, /* nothing, or it is not known: the profile is what counts */
	READY_LOADED,
	READY_NOTHING_IS, /* no profile either: it was built without seccomp */
};

/* RuntimeDefault has some 20. It bounds what somebody's own profile beside the annotation costs a
 * start: 0.1 s. */
#define READY_MAX_CONDITIONS 1024

/*
 * The program of `profile` for crun on a host of architecture `arch`, in base64, in memory->keep;
 * p NULL: there is none, as it leaves calls to a listener, or has more than READY_MAX_CONDITIONS,
 * or the host has no ABI that is known, or there is too little memory to make one. Fails where crun
 * could not load a filter of it either.
 */
int ready_program(const struct seccomp_profile *profile, enum profile_arch arch,
		  struct enforce_memory *memory, struct span *ret_text, struct error *err);

/*
 * Set config->program_known if the annotation is there and is, byte for byte, what this build makes
 * of the profile beside it: then the profile says all. Whoever writes that himself has gained
 * nothing.
 */
void ready_recognize(struct ociconfig *config, enum profile_arch arch,
		     struct enforce_memory *memory);

#endif
