/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers in containerd's configuration: read, and written anew with another program. */
#ifndef SECCOMP_GUARD_REGISTER_CONTAINERD_HANDLER_H
#define SECCOMP_GUARD_REGISTER_CONTAINERD_HANDLER_H

#include "base/toml-edit.h"
#include "register/register.h"

/* The CRI plugin in files of version 2, and of 3 and 4. */
#define CONTAINERD_OLD_CRI "io.containerd.grpc.v1.cri"
#define CONTAINERD_NEW_CRI "io.containerd.cri.v1.runtime"

/* Its name in a file of that version, a TOML value; NULL: the version is not known. */
const char *containerd_cri(struct span version);

/* Is that value as good as none? containerd writes out what is not set. */
bool containerd_is_nothing(struct span raw);

struct containerd_handler {
	struct strbuf keys, options; /* lines */
	struct toml_path path;       /* while it is read */
	struct span text;
	struct span type, binary, base_spec, annotations; /* raw, str, str, raw */
};

/* The handler `name` as r->effective has it, a configuration. Fails when it is not runc's. */
int containerd_read_handler(struct registration *r, const char *cri, const char *name,
			    struct containerd_handler *h, struct error *err);

/* `raw`, an array or nothing, with our annotations as its last element. */
const char *containerd_annotations(struct registration *r, struct span raw);

/* What differs between a handler as it is and as we write it. */
struct containerd_form {
	const char *name;
	const char *binary;      /* NULL: none */
	const char *base_spec;   /* NULL: none */
	const char *annotations; /* an array; NULL: none */
};

/* Add its tables. */
void containerd_add_handler(struct strbuf *out, const char *cri, const struct containerd_handler *h,
			    const struct containerd_form *form);

/* What r->effective starts containers with; `standard`: the default where it names none, or NULL.
 */
int containerd_look(struct registration *r, const char *cri, const char *standard,
		    struct register_state *ret_state, struct error *err);

/* Add a line for each task below the directory `state` whose shim executes our wrapper. */
int containerd_users(struct registration *r, const char *state, struct strbuf *lines,
		     struct error *err);

#endif
