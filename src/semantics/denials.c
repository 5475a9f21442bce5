/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/denial-object.h"

#include "base/number.h"
#include "oci/capability.h"
#include "oci/seccomp-rule.h"

/* A text that cannot be told from another is no reason to keep all of it. */
#define NAME_KEPT 160

size_t denials_memory(size_t records)
{
	const size_t entry = sizeof(struct denial) + 3 * NAME_KEPT + 64;

	return records * 2 * sizeof(uint64_t) + DENIALS_MAX * entry;
}

int denials_begin(struct denials *denials, struct arena *arena, size_t records)
{
	*denials = (struct denials){.arena = arena, .seen_size = records * 2};
	denials->seen = arena_alloc(arena, denials->seen_size * sizeof(*denials->seen));
	if (denials->seen == NULL)
		return -1;
	memset(denials->seen, 0, denials->seen_size * sizeof(*denials->seen));
	return 0;
}

/* Is it counted already? If not, it is from now on. Slots are two for a record. */
static bool seen_before(struct denials *d, const struct auditline *line)
{
	const uint64_t stamp[] = {line->ms, line->serial};
	uint64_t hash = hash_bytes(HASH_START, stamp, sizeof(stamp));
	size_t at = (size_t)(hash % d->seen_size);

	hash += hash == 0;
	for (; d->seen[at] != 0; at = (at + 1) % d->seen_size)
		if (d->seen[at] == hash)
			return true;
	d->forgets = d->forgets || d->n_seen >= d->seen_size / 2;
	if (!d->forgets) {
		d->seen[at] = hash;
		d->n_seen++;
	}
	return false;
}

static struct span cut(struct span text)
{
	return (struct span){text.p, text.n < NAME_KEPT ? text.n : NAME_KEPT};
}

/* A process can change its name, but not so easily its program; threads have names of their own. */
static struct span program_of(const struct auditline *line)
{
	return cut(line->exe.n > 0 ? line->exe : line->comm);
}

static uint64_t answer_of(const struct auditline *line)
{
	return line->has_code ? (uint64_t)auditline_action(line->code) + 1 : 0;
}

static uint64_t hash_of(const struct auditline *line, struct span container)
{
	const uint64_t numbers[] = {(uint64_t)line->form,   (uint64_t)line->abi,
				    (uint64_t)line->number, answer_of(line),
				    (uint64_t)line->error,  line->has_abi};
	uint64_t hash = hash_bytes(HASH_START, numbers, sizeof(numbers));

	hash = hash_bytes(hash, program_of(line).p, program_of(line).n);
	return hash_bytes(hash, container.p, container.n);
}

static bool is_same(const struct denial *d, const struct auditline *line, struct span container)
{
	return d->line.form == line->form && d->line.abi == line->abi &&
	       d->line.number == line->number && answer_of(&d->line) == answer_of(line) &&
	       d->line.error == line->error && d->line.has_abi == line->has_abi &&
	       span_eq(program_of(&d->line), program_of(line)) && span_eq(d->container, container);
}

static bool keep(struct arena *arena, struct span *text)
{
	char *copy;

	*text = cut(*text);
	if (text->p == NULL)
		return true;
	copy = arena_strdup(arena, *text);
	text->p = copy;
	return copy != NULL;
}

bool denial_was_let_through(const struct denial *denial)
{
	return denial->line.has_code && oci_action_permits(auditline_action(denial->line.code));
}

static struct denial *find(const struct denials *denials, const struct auditline *line,
			   struct span container)
{
	uint64_t hash = hash_of(line, container);
	struct denial *d = denials->slot[hash % DENIALS_SLOTS];

	while (d != NULL && (d->hash != hash || !is_same(d, line, container)))
		d = d->chain;
	return d;
}

/* Of the same program in the same container, one that was let through in the same way: that which
 * habit->after names first. */
static struct denial *cause_of(const struct denials *denials, const struct denial *d)
{
	struct auditline line = d->line;

	if (d->habit == NULL || d->habit->after == NULL || !denial_was_let_through(d))
		return NULL;
	for (const char *p = d->habit->after; *p != '\0'; p += strspn(p, " ")) {
		const struct span word = {p, strcspn(p, " ")};
		int call = syscall_index(word);
		struct denial *c;

		p += word.n;
		line.number = call >= 0 ? abi_number(line.abi, call) : -1;
		c = line.number >= 0 ? find(denials, &line, d->container) : NULL;
		if (c != NULL)
			return c->cause != NULL ? c->cause : c;
	}
	return NULL;
}

static struct denial *new_entry(struct denials *denials, const struct auditline *line,
				struct span container, uint64_t hash)
{
	struct denial *d = arena_alloc(denials->arena, sizeof(*d));
	struct denial **slot = &denials->slot[hash % DENIALS_SLOTS];
	int call = abi_call(line->abi, line->number);

	if (d == NULL)
		return NULL;
	*d = (struct denial){.chain = *slot, .hash = hash, .line = *line, .container = container};
	d->call = call >= 0 ? syscall_name(call) : (struct span){0};
	d->habit = habit_of(d->call);
	if (!keep(denials->arena, &d->line.comm) || !keep(denials->arena, &d->line.exe) ||
	    !keep(denials->arena, &d->container))
		return NULL;
	d->cause = cause_of(denials, d);
	if (d->cause != NULL && d->cause->effects != NULL)
		d->cause->last_effect->next_effect = d;
	else if (d->cause != NULL)
		d->cause->effects = d;
	if (d->cause != NULL)
		d->cause->last_effect = d;
	*slot = d;
	if (denials->last != NULL)
		denials->last->next = d;
	else
		denials->first = d;
	return denials->last = d;
}

/* The arguments of one more record. Some of them differ each time, such as addresses: then no case
 * can be told by them. */
static void merge_arguments(struct denial *d, const struct auditline *line)
{
	if (line->has_args == 0)
		return;
	if (d->line.has_args == 0 && !d->args_differ) {
		memcpy(d->line.args, line->args, sizeof(line->args));
		d->line.has_args = line->has_args;
	}
	for (unsigned int i = 0; i < OCI_MAX_ARGS; i++)
		if (((d->line.has_args & ~line->has_args) >> i & 1) != 0 ||
		    ((d->line.has_args >> i & 1) != 0 && d->line.args[i] != line->args[i])) {
			d->line.has_args &= ~(1U << i);
			d->args_differ = true;
		}
}

static void count(struct denial *d, const struct auditline *line)
{
	if (line->has_serial)
		d->numbered++;
	else
		d->unnumbered++;
	if (line->pid >= 0)
		d->last_pid = line->pid;
	if (line->ms > 0 && (d->first_ms == 0 || line->ms < d->first_ms))
		d->first_ms = line->ms;
	if (line->ms > d->last_ms)
		d->last_ms = line->ms;
}

/* The entry that a record counts in, made if there is none; NULL: there is no room. */
static struct denial *entry_of(struct denials *denials, const struct auditline *line,
			       struct span container)
{
	struct span shown = cut(container);
	struct denial *d = find(denials, line, shown);

	if (d != NULL) {
		merge_arguments(d, line);
		return d;
	}
	d = new_entry(denials, line, shown, hash_of(line, shown));
	if (d != NULL)
		d->last_pid = -1;
	return d;
}

struct denial *denials_add(struct denials *denials, const struct auditline *line,
			   struct span container)
{
	struct denial *d;

	denials->newest = NULL;
	if (line->has_serial && seen_before(denials, line))
		return NULL;
	d = entry_of(denials, line, container);
	if (d == NULL) {
		denials->beyond++;
		return NULL;
	}
	count(d, line);
	return denials->newest = d;
}

void denials_add_object(struct denials *denials, const struct denial_object *object)
{
	struct span whose = object->id.p != NULL ? object->id : object->container;
	struct denial *d = entry_of(denials, &object->line, whose);
	uint64_t more;

	if (d == NULL) {
		denials->beyond += object->count;
		return;
	}
	if (object->first_ms == 0 || object->first_ms != d->object_first_ms)
		d->object_count = 0;
	more = object->count > d->object_count ? object->count - d->object_count : 0;
	d->summed += more;
	d->object_count += more;
	d->object_first_ms = object->first_ms;
	if (object->first_ms > 0 && (d->first_ms == 0 || object->first_ms < d->first_ms))
		d->first_ms = object->first_ms;
	if (object->last_ms > d->last_ms)
		d->last_ms = object->last_ms;
}

void denials_add_arguments(struct denials *denials, const struct auditline *line)
{
	struct denial *d = denials->newest;

	denials->newest = NULL;
	if (d != NULL && d->line.form == AUDITLINE_SECCOMP && d->last_pid == line->pid &&
	    d->line.abi == line->abi && d->line.number == line->number)
		merge_arguments(d, line);
}

void denials_settle(struct denials *denials)
{
	for (const struct denial *d = denials->first; d != NULL; d = d->next) {
		struct denial *rest =
			d->container.n > 0 ? find(denials, &d->line, (struct span){0}) : NULL;

		if (rest != NULL)
			rest->unnumbered -=
				d->numbered < rest->unnumbered ? d->numbered : rest->unnumbered;
	}
}

uint64_t denial_count(const struct denial *denial)
{
	return denial->summed +
	       (denial->numbered > denial->unnumbered ? denial->numbered : denial->unnumbered);
}

bool denial_fails_anyway(const struct denial *denial, uint64_t caps)
{
	int needed = denial->habit != NULL && denial->habit->needs != NULL
			     ? capability_from_name(span_of(denial->habit->needs))
			     : -1;

	return needed >= 0 && denial->cause == NULL && (caps >> needed & 1) == 0;
}

bool denial_is_habit(const struct denial *denial)
{
	return denial->habit != NULL && denial->habit->always && !denial_was_let_through(denial) &&
	       (!denial->line.has_code || auditline_action(denial->line.code) == OCI_ACT_ERRNO);
}
