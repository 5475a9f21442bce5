/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NRI in containerd's configuration: switched on, and our plugin required, by the default validator
 * of NRI 0.10 (containerd 2.2) and newer. The plugin itself connects to containerd's socket, so no
 * file of ours goes into its directory of plugins.
 */
#ifndef SECCOMP_GUARD_REGISTER_CONTAINERD_NRI_H
#define SECCOMP_GUARD_REGISTER_CONTAINERD_NRI_H

#include "register/register.h"

/*
 * Change *text, the main file, so that the plugin gets its events and, unless the options say
 * fail_open, nothing starts without it; `present` false: it is no longer required. By r->effective.
 */
int containerd_nri_set(struct registration *r, bool present, struct span *text, struct error *err);

/* Does `dump` say what was asked for? */
int containerd_nri_verify(struct registration *r, struct span dump, bool registered,
			  struct error *err);

/* Does it require our plugin? */
bool containerd_nri_requires(struct registration *r, struct span dump);

/* Is that a value that containerd_nri_set() changes? */
bool containerd_nri_is_ours(const struct span *path, size_t n);

#endif
