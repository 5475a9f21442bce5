/* SPDX-License-Identifier: Apache-2.0 */
#include "nri/engine.h"

#include "base/number.h"

/* Major and minor release and patch, for comparing. */
#define RELEASE(major, minor, patch) ((uint64_t)(major) << 32 | (uint64_t)(minor) << 16 | (patch))

/* "v2.3.4", "1.37.0-dev", "v2.2.1-k3s1"; 0: none is told. */
static uint64_t release_of(struct span text)
{
	uint64_t part[3] = {0, 0, 0};

	if (span_has_prefix(text, SPAN("v")))
		text = span_skip(text, 1);
	for (int i = 0; i < 3; i++) {
		if (!number_take(&text, 10, UINT16_MAX, &part[i]))
			return 0;
		if (text.n == 0 || text.p[0] != '.')
			break;
		text = span_skip(text, 1);
	}
	return RELEASE(part[0], part[1], part[2]);
}

void nri_engine_of(const struct nri_configure *configure, struct nri_engine *ret_engine)
{
	const uint64_t release = release_of(configure->version),
		       nri = release_of(configure->nri_version);
	struct nri_engine e = {.engine = ENGINE_UNKNOWN, .takes_errno = nri >= RELEASE(0, 12, 0)};

	if (span_eq(configure->engine, span_of(engine_name(ENGINE_CONTAINERD)))) {
		e.engine = ENGINE_CONTAINERD;
		e.validates = e.adjusts_seccomp = release >= RELEASE(2, 2, 0);
		if (release >= RELEASE(2, 2, 1))
			e.sight = NRI_SEES_TYPE;
		/* Betas of 2.3 have NRI 0.11. */
		if (release >= RELEASE(2, 3, 0) && e.takes_errno)
			e.sight = NRI_SEES_POLICY;
	} else if (span_eq(configure->engine, span_of(engine_name(ENGINE_CRIO)))) {
		e.engine = ENGINE_CRIO;
		e.validates = e.adjusts_seccomp = release >= RELEASE(1, 34, 0);
		if (e.adjusts_seccomp)
			e.sight = NRI_SEES_ANNOTATION;
	}
	/* Whatever the engine's own number is, as of a build by somebody else. */
	if (nri >= RELEASE(0, 10, 0))
		e.validates = true;
	*ret_engine = e;
}
