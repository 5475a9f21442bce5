/* SPDX-License-Identifier: Apache-2.0 */
/* What explain and diff take for a profile: a flavor, a profile file, a configuration, a bundle. */
#include "cli/source.h"

#include "base/suggest.h"
#include "cli/document.h"
#include "oci/capability.h"
#include "oci/config.h"
#include "policy/ready.h"
#include "profile/profile-file.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

/* What Docker and containerd give a container that asks for nothing (moby oci/caps/defaults.go). */
static const char default_caps[] =
	"CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FSETID,CAP_FOWNER,CAP_MKNOD,CAP_NET_RAW,CAP_SETGID,"
	"CAP_SETUID,CAP_SETFCAP,CAP_SETPCAP,CAP_NET_BIND_SERVICE,CAP_SYS_CHROOT,CAP_KILL,"
	"CAP_AUDIT_WRITE";

/* The bit of a capability as people write it: CAP_NET_ADMIN, NET_ADMIN, net_admin. */
static int read_capability(struct span name, uint64_t *ret_caps, struct error *err)
{
	char full[40];
	int number;

	snprintf(full, sizeof(full), "%.*s", (int)(name.n < 30 ? name.n : 30), name.p);
	for (char *c = full; *c != '\0'; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
	if (strncmp(full, "CAP_", 4) != 0) {
		memmove(full + 4, full, strlen(full) + 1);
		memcpy(full, "CAP_", 4);
	}
	number = capability_from_name(span_of(full));
	if (number < 0) {
		struct suggestion near = suggest(span_of(full));

		for (int i = 0; i < CAPABILITY_COUNT; i++)
			suggest_try(&near, span_of(capability_name(i)));
		error_set(err, "unknown capability \"%.*s\", see capabilities(7)", SPAN_ARG(name));
		return error_suggest(err, &near);
	}
	*ret_caps = UINT64_C(1) << number;
	return 0;
}

/* "default", "none", "all" or "SYS_ADMIN,CAP_BPF". */
static int read_caps(const char *list, uint64_t *ret_caps, struct error *err)
{
	uint64_t caps = 0, one = 0;

	if (strcmp(list, "none") == 0 || strcmp(list, "all") == 0) {
		*ret_caps = list[0] == 'a' ? CAPABILITY_ALL : 0;
		return 0;
	}
	if (strcmp(list, "default") == 0)
		list = default_caps;
	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (read_capability((struct span){list, n}, &one, err) < 0)
			return -1;
		caps |= one;
		list += list[n] == ',' ? n + 1 : n;
	}
	*ret_caps = caps;
	return 0;
}

int cli_target(const struct cli_args *args, struct enforce_host *ret_host,
	       struct profile_target *ret_target, struct error *err)
{
	const char *caps = args->value[CLI_CAPS], *kernel = args->value[CLI_KERNEL];
	struct profile_target target = {0};

	if (host_init(ret_host, err) < 0)
		return -1;
	target.arch = ret_host->arch;
	target.kernel = ret_host->kernel;
	if (read_caps(caps != NULL ? caps : "default", &target.caps, err) < 0 ||
	    (kernel != NULL &&
	     profile_kernel_from_release(span_of(kernel), &target.kernel, err) < 0))
		return -1;
	*ret_target = target;
	return 0;
}

/* ---- reading each kind ---- */

static int read_config(struct cli_source *s, struct enforce_memory *memory, struct error *err)
{
	struct ociconfig config;
	struct enforce_host host;
	const char *foreign;

	if (ociconfig_read(s->text, &memory->keep, &memory->scratch, &config, err) < 0)
		return host_error_in(s->name, s->text, err);
	if (host_init(&host, err) < 0)
		return -1;
	ready_recognize(&config, host.arch, memory);
	foreign = ociconfig_foreign_filter(&config);
	if (foreign != NULL)
		return error_set(err, "%s: annotation %s brings a filter that cannot be read",
				 s->name, foreign);
	s->has_caps = true;
	s->caps = config.bounding;
	if (config.has_profile)
		s->profile = config.profile;
	else
		s->profile.empty = true;
	return 0;
}

static int read_file(struct cli_source *s, const struct profile_target *target,
		     struct enforce_memory *memory, struct error *err)
{
	struct profilefile_request request = {s->text, target, &memory->keep, &memory->scratch};
	struct profilefile file;

	if (profilefile_resolve(&request, &file, err) < 0)
		return host_error_in(s->name, s->text, err);
	s->profile = file.profile;
	return 0;
}

static int read_flavor(struct cli_source *s, const struct profile_target *target,
		       struct enforce_memory *memory, struct error *err)
{
	struct span text;

	if (profile_resolve(s->flavor, target, &memory->keep, &text) < 0)
		return error_set(err, "%s: out of memory", s->name);
	return ociseccomp_read(text, &memory->keep, &memory->scratch, &s->profile, err);
}

int cli_source_open(const char *name, struct enforce_memory *memory, struct cli_source *ret_source,
		    struct error *err)
{
	struct cli_source s = {.name = name};
	struct document document;
	char path[PATH_MAX];
	struct stat st;
	struct error ignored;

	if (profile_flavor_from_name(span_of(name), &s.flavor, &ignored) == 0) {
		s.is_flavor = true;
		*ret_source = s;
		return 0;
	}
	if (strcmp(name, "-") != 0 && stat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		snprintf(path, sizeof(path), "%s/config.json", name);
		if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
			return error_set(err, "%s: is not a regular file", path);
	} else {
		snprintf(path, sizeof(path), "%s", name);
	}
	if (cli_read(path, OCICONFIG_MAX_SIZE, &memory->keep, &s.text, err) < 0)
		return error_prefix(err,
				    "%s: neither a flavor, which are " PROFILE_FLAVORS_KNOWN
				    ", nor a file",
				    name);
	document_of(s.text, &memory->scratch, &document);
	s.text = document.config;
	s.is_config = document.kind == DOCUMENT_CONFIG;
	if (document.kind != DOCUMENT_PROFILE && document_check_config(&document, err) < 0)
		return error_prefix(err, "%s", name);
	if (!s.is_config && s.text.n > PROFILEFILE_MAX_SIZE)
		return error_set(err, "%s: larger than %u bytes", name, PROFILEFILE_MAX_SIZE);
	*ret_source = s;
	if (s.is_config)
		return read_config(ret_source, memory, err);
	return 0;
}

int cli_source_resolve(struct cli_source *source, const struct profile_target *target,
		       struct enforce_memory *memory, struct error *err)
{
	if (source->is_flavor)
		return read_flavor(source, target, memory, err);
	return source->is_config ? 0 : read_file(source, target, memory, err);
}

int cli_source_model(const struct cli_source *source, const struct cli_abi *abi,
		     struct arena *arena, struct model *ret_model, struct error *err)
{
	static const struct seccomp_profile unconfined = {.default_action = OCI_ACT_ALLOW};
	struct model_request request = {&source->profile, abi->abi, abi->native, abi->runtime};

	/* Without a filter every ABI does. */
	if (source->profile.empty) {
		request.profile = &unconfined;
		request.native = request.abi;
	}
	if (model_build(&request, arena, ret_model, err) < 0) {
		err->has_pos = false;
		return error_prefix(err, "%s", source->name);
	}
	return 0;
}

/* ---- words for verdicts and regions ---- */

const char *cli_verdict_text(struct model_verdict verdict, char *out)
{
	const char *action = oci_action_name(verdict.action) + strlen("SCMP_ACT_");
	const char *name = verdict.action == OCI_ACT_ERRNO ? errno_name((int)verdict.number) : NULL;

	if (name != NULL)
		snprintf(out, CLI_VERDICT_SIZE, "%s(%s)", action, name);
	else if (oci_action_takes_errno(verdict.action))
		snprintf(out, CLI_VERDICT_SIZE, "%s(%u)", action, verdict.number);
	else
		snprintf(out, CLI_VERDICT_SIZE, "%s", action);
	return out;
}

static void number_text(uint64_t value, char out[24])
{
	snprintf(out, 24, value < 1024 ? "%llu" : "0x%llx", (unsigned long long)value);
}

/* `all`: the mask that takes the whole argument. */
static void add_text(struct cli_region *r, uint64_t all, const struct argspace_condition *c,
		     const char *op)
{
	char m[24], v[24];

	if (r->n == CLI_REGION_MAX)
		return;
	number_text(c->mask, m);
	number_text(c->value, v);
	if (c->mask == all)
		snprintf(r->part[r->n], sizeof(r->part[0]), "a%u %s %s", c->index, op, v);
	else
		snprintf(r->part[r->n], sizeof(r->part[0]), "a%u & %s %s %s", c->index, m, op, v);
	r->n++;
}

/* Patterns that the range or the known bits rule out anyway say nothing. */
static bool says_nothing(const struct argspace *s, const struct argspace_not *n, uint64_t all)
{
	return ((n->value ^ s->value) & n->mask & s->mask) != 0 ||
	       (n->mask == all && (n->value < s->low || n->value > s->high));
}

/* The range without single values at its ends that are out. The space is not empty. */
static struct argspace trimmed(const struct argspace *space, uint64_t all)
{
	struct argspace s = *space;
	const struct argspace_not *n = s.nots;

	while (n != NULL) {
		if (n->mask == all && s.low < s.high && (n->value == s.low || n->value == s.high)) {
			s.low += n->value == s.low;
			s.high -= n->value == s.high;
			n = s.nots;
		} else {
			n = n->next;
		}
	}
	return s;
}

static void argument_text(struct cli_region *r, uint32_t index, const struct argspace *space,
			  uint64_t all)
{
	const struct argspace s = trimmed(space, all);
	struct argspace_condition c = {.index = index, .mask = all, .value = s.low};

	if (s.mask == all)
		c.value = s.value;
	if (s.low == s.high || s.mask == all) {
		add_text(r, all, &c, "==");
		return;
	}
	if (s.low > 0)
		add_text(r, all, &c, ">=");
	c.value = s.high;
	if (s.high != all)
		add_text(r, all, &c, "<=");
	c.mask = s.mask;
	c.value = s.value;
	if (s.mask != 0)
		add_text(r, all, &c, "==");
	for (const struct argspace_not *n = s.nots; n != NULL; n = n->next) {
		c.mask = n->mask;
		c.value = n->value;
		if (!says_nothing(&s, n, all))
			add_text(r, all, &c, "!=");
	}
}

void cli_region_text(const struct argspace space[OCI_MAX_ARGS], enum abi abi,
		     struct cli_region *ret_region)
{
	uint64_t all = abi_infos[abi].narrow ? UINT32_MAX : UINT64_MAX;

	ret_region->n = 0;
	for (uint32_t i = 0; i < OCI_MAX_ARGS; i++)
		argument_text(ret_region, i, &space[i], all);
}
