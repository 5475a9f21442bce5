/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an engine's NRI can do and tells, by what it says of itself when it configures a plugin.
 * By the versions of NRI that each release was built with (go.mod of each tag), and what it fills
 * in: containerd internal/cri/nri, CRI-O internal/nri.
 */
#ifndef SECCOMP_GUARD_NRI_ENGINE_H
#define SECCOMP_GUARD_NRI_ENGINE_H

#include "nri/message.h"
#include "oci/engine.h"

/* What a plugin learns of the seccomp profile that a container has already. */
enum nri_sight {
	NRI_SEES_NOTHING,
	NRI_SEES_TYPE,       /* what was asked for: SecurityProfile (containerd 2.2.1) */
	NRI_SEES_POLICY,     /* linux.seccomp as it is (containerd 2.3) */
	NRI_SEES_ANNOTATION, /* io.kubernetes.cri-o.SeccompProfilePath (CRI-O 1.34) */
};

struct nri_engine {
	enum engine engine;
	bool validates;       /* it knows NRI_VALIDATE_ADJUSTMENT (NRI 0.10) */
	bool adjusts_seccomp; /* and the same release takes seccomp profiles */
	/*
	 * It survives a rule with an error number. NRI 0.10 and 0.11 write it through a pointer
	 * that is nil (pkg/api/seccomp.go, ToOCILinuxSyscalls()), and the engine is gone: seen with
	 * containerd 2.2.7.
	 */
	bool takes_errno;
	enum nri_sight sight;
};

void nri_engine_of(const struct nri_configure *configure, struct nri_engine *ret_engine);

#endif
