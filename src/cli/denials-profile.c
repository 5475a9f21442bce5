/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-profile.h"

#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>

#define MEMORY_SIZE (40U << 20)
#define SCRATCH_SHARE 4

static bool map(struct enforce_memory *memory)
{
	char *p = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return false;
	memory->scratch = (struct arena){p, MEMORY_SIZE / SCRATCH_SHARE, 0};
	memory->keep =
		(struct arena){p + memory->scratch.size, MEMORY_SIZE - memory->scratch.size, 0};
	return true;
}

/* The configuration's own profile, as it is now; not of a container whose bundle is gone. */
static int open_own(const struct denials_workload *w, struct denials_profile *p)
{
	char *path = arena_alloc(&p->memory.keep, PATH_MAX);
	struct error ignored;

	if (path == NULL || w->bundle[0] == '\0')
		return -1;
	snprintf(path, PATH_MAX, "%s/config.json", w->bundle);
	if (cli_source_open(path, &p->memory, &p->source, &ignored) < 0)
		return -1;
	/* Then what denies was loaded by the hook, and which file it was from is not at hand. */
	return p->source.profile.empty ? -1 : 0;
}

static int open_profile(const struct denials_workload *w, struct denials_profile *p)
{
	struct error ignored;

	if (w->flavor[0] == '\0')
		return open_own(w, p);
	return cli_source_open(p->of.flavor, &p->memory, &p->source, &ignored);
}

/* The profile of one RuntimeDefault is that of every container with these capabilities. */
static bool is_of(const struct denials_profile *p, const struct denials_workload *w)
{
	return p->is_made && strcmp(p->of.flavor, w->flavor) == 0 && p->of.caps == w->caps &&
	       (w->flavor[0] != '\0' || strcmp(p->of.id, w->id) == 0);
}

static void make(struct denials_profile *p, const struct denials_workload *w,
		 const struct profile_target *usual)
{
	p->memory.keep.used = p->memory.scratch.used = 0;
	p->finder = (struct allows_finder){0};
	p->target = *usual;
	p->target.caps = w->caps;
	p->of = *w;
	p->is_made = true;
	p->is_known = open_profile(w, p) == 0;
}

struct denials_profile *denials_profile_of(struct denials_profile profiles[2],
					   const struct denials_workload *workload)
{
	struct denials_profile *usual = &profiles[0], *other = &profiles[1];

	if (workload == NULL || !workload->has_caps ||
	    (other->memory.keep.base == NULL && !map(&other->memory)))
		return usual;
	if (!is_of(other, workload))
		make(other, workload, &usual->target);
	return other->is_known ? other : usual;
}

int denials_profile_allows(struct denials_profile *p, const struct allows_call *call,
			   struct allows *ret_allows, struct error *err)
{
	p->finder.source = &p->source;
	p->finder.target = &p->target;
	p->finder.memory = &p->memory;
	return allows_find(&p->finder, call, ret_allows, err);
}
