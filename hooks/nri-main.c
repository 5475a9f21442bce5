/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-nri: the plugin of containerd's and CRI-O's Node Resource Interface. Either the
 * engine has started it, with a socket and two names in the environment ("pre-installed"; nri
 * pkg/api/plugin.go), and it ends with its connection; or it connects to the engine's socket
 * itself, again and again for as long as it runs, so that it is there after the engine was
 * restarted.
 */
#include "nri-serve.h"

#include "base/number.h"
#include "node/fileio.h"
#include "node/host.h"
#include "node/record.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#define DEFAULT_SOCKET "/run/nri/nri.sock"
#define DEFAULT_NAME "seccomp-guard"
#define DEFAULT_INDEX "90"

/* How long to wait before an engine is tried again: longer each time, from the first to the last.
 * That its socket appears ends the wait. */
#define FIRST_WAIT_MS 100
#define LAST_WAIT_MS 2000

struct program {
	struct nri_plugin plugin;
	const char *socket;
	const char *name, *index;
	bool preinstalled;
	int socket_fd; /* of the engine that has started us */
};

static const char usage[] =
	"Usage: seccomp-guard-nri [--policy FILE] [--socket PATH] [--hook PATH]\n"
	"                         [--name NAME] [--index NN] [--skip HANDLER]...\n"
	"The plugin of containerd's and CRI-O's Node Resource Interface (NRI): confine\n"
	"each container that is created. Started by an engine it serves that engine; else\n"
	"it connects to an engine's socket, and again whenever the connection is lost.\n"
	"\n"
	"  --policy FILE  the policy [" SYSCONFDIR "/seccomp-guard/policy.json]\n"
	"  --socket PATH  the engine's socket [" DEFAULT_SOCKET "]\n"
	"  --hook PATH    the hook that is added to containers\n"
	"                 [" HOOKSDIR "/seccomp-guard-hook]\n"
	"  --name NAME    the name to register by [" DEFAULT_NAME "]\n"
	"  --index NN     the place among the engine's plugins, two digits [" DEFAULT_INDEX "]\n"
	"  --skip HANDLER leave the containers of this runtime handler alone\n"
	"  --help         show this text\n"
	"  --version      show the version\n";

/* ---- telling ---- */

static void complain(const char *message)
{
	char shown[1024], line[1100];
	int n = snprintf(line, sizeof(line), "seccomp-guard-nri: %s\n",
			 text_printable(span_of(message), shown, sizeof(shown)));

	file_write_now(STDERR_FILENO, (struct span){line, (size_t)n});
}

/*
 * Engines give a plugin that they start no standard error. What it has to say then goes where the
 * policy has its records.
 */
static void say(void *ctx, int priority, const char *message)
{
	const struct program *p = ctx;
	struct enforce_memory memory;
	struct policy policy;
	struct error ignored;

	complain(message);
	if (!p->preinstalled)
		return;
	host_memory(&memory);
	if (host_policy_read(p->plugin.policy_path, &memory, &policy, &ignored) < 0)
		policy_defaults(&policy);
	record_notice(priority, "nri", message, &policy, &ignored);
}

static int fail(const struct error *err)
{
	complain(err->text);
	return EXIT_FAILURE;
}

/* ---- an engine's socket ---- */

static int connect_to(const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(err, "the path of the socket is longer than %zu bytes",
				 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		error_system(err, errno);
		return error_prefix(err, "cannot connect to %s", path);
	}
	return take_fd(&fd);
}

/* Tells when something appears in the directory of the socket. -1: it cannot, as there is none. */
static int watch_directory(const char *path)
{
	CLEANUP_FD int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "%s", path);
	if (fd < 0 || inotify_add_watch(fd, dirname(directory), IN_CREATE | IN_MOVED_TO) < 0)
		return -1;
	return take_fd(&fd);
}

/* One connection; *last is what was told about the one before. */
static void connect_once(const struct program *p, struct nri_service *service, struct error *last)
{
	struct error err;
	CLEANUP_FD int fd = connect_to(p->socket, &err);

	service->registered = false;
	if (fd >= 0)
		nri_serve(service, fd, &err);
	/* What is still the reason was told. */
	if (service->registered || strcmp(last->text, err.text) != 0)
		say((void *)p, LOG_WARNING, err.text);
	*last = err;
}

/* Never returns: who has started it ends it. */
static void serve_forever(const struct program *p, struct nri_service *service)
{
	struct error last = {.text = ""};
	int wait = FIRST_WAIT_MS;

	for (;;) {
		/* Made before connecting, so that nothing can appear unseen. */
		CLEANUP_FD int fd = watch_directory(p->socket);
		struct pollfd appears = {.fd = fd, .events = POLLIN};

		connect_once(p, service, &last);
		if (service->registered)
			wait = FIRST_WAIT_MS;
		/* A socket can appear a moment before somebody answers there. */
		if (poll(&appears, 1, wait) > 0)
			wait = FIRST_WAIT_MS;
		else
			wait = wait * 2 < LAST_WAIT_MS ? wait * 2 : LAST_WAIT_MS;
	}
}

/* ---- starting ---- */

/* Returns -1 to go on, or the exit status. */
static int options(struct program *p, int argc, char **argv, struct error *err)
{
	static const struct option longs[] = {
		{"policy", required_argument, NULL, 'p'},
		{"socket", required_argument, NULL, 's'},
		{"hook", required_argument, NULL, 'k'},
		{"name", required_argument, NULL, 'n'},
		{"index", required_argument, NULL, 'i'},
		{"skip", required_argument, NULL, 'x'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'p')
			p->plugin.policy_path = optarg;
		else if (c == 's')
			p->socket = optarg;
		else if (c == 'k')
			p->plugin.hook = optarg;
		else if (c == 'n')
			p->name = optarg;
		else if (c == 'i')
			p->index = optarg;
		else if (c == 'x' && p->plugin.n_skipped == NRI_MAX_SKIPPED)
			return error_set(err, "more than %d times --skip", NRI_MAX_SKIPPED);
		else if (c == 'x')
			p->plugin.skipped[p->plugin.n_skipped++] = optarg;
		else if (c == 'h')
			return fputs(usage, stdout) == EOF || fflush(stdout) == EOF ? EXIT_FAILURE
										    : EXIT_SUCCESS;
		else if (c == 'v')
			return printf("seccomp-guard-nri %s\n", PACKAGE_VERSION) < 0 ? EXIT_FAILURE
										     : EXIT_SUCCESS;
		else
			return error_set(err, "unknown option, or one without its value; see "
					      "seccomp-guard-nri --help");
	}
	if (optind < argc)
		return error_set(err, "seccomp-guard-nri takes no arguments; see --help");
	return -1;
}

/* What engines tell a plugin that they start. */
static int environment(struct program *p, struct error *err)
{
	const char *fd = getenv("NRI_PLUGIN_SOCKET"), *name = getenv("NRI_PLUGIN_NAME"),
		   *index = getenv("NRI_PLUGIN_IDX");
	uint64_t number;

	if (fd == NULL)
		return 0;
	if (!number_parse(span_of(fd), 10, INT_MAX, &number) ||
	    fcntl((int)number, F_SETFD, FD_CLOEXEC) < 0)
		return error_set(err, "NRI_PLUGIN_SOCKET in the environment is no descriptor");
	p->preinstalled = true;
	p->socket_fd = (int)number;
	p->name = name != NULL ? name : p->name;
	p->index = index != NULL ? index : p->index;
	return 0;
}

/* What an engine would turn away (nri pkg/api/plugin.go, CheckPluginName and ParsePluginName). */
static int check_names(const struct program *p, struct error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+-";

	if (strlen(p->index) != 2 || strspn(p->index, "0123456789") != 2)
		return error_set(err, "--index is two digits, as 90");
	if (p->name[0] == '\0' || p->name[strspn(p->name, letters)] != '\0' ||
	    strlen(p->name) > NAME_MAX)
		return error_set(err, "--name is made of letters, digits and . _ + -");
	if (p->plugin.hook[0] != '/')
		return error_set(err, "--hook must be an absolute path");
	if (p->plugin.policy_path != NULL && p->plugin.policy_path[0] != '/')
		return error_set(err, "--policy must be an absolute path, as the hook is told it");
	return 0;
}

int main(int argc, char **argv)
{
	static char as[NAME_MAX + 8];
	struct program p = {.plugin = {.hook = HOOKSDIR "/seccomp-guard-hook"},
			    .socket = DEFAULT_SOCKET,
			    .name = DEFAULT_NAME,
			    .index = DEFAULT_INDEX};
	struct nri_service service = {.plugin = &p.plugin, .say = say, .ctx = &p};
	struct error err = {0};
	int status;

	file_hold_standard();
	signal(SIGPIPE, SIG_IGN);
	/* How the judging ends is asked for. */
	signal(SIGCHLD, SIG_DFL);
	status = options(&p, argc, argv, &err);
	if (status >= 0)
		return status;
	if (err.text[0] != '\0' || environment(&p, &err) < 0 || check_names(&p, &err) < 0)
		return fail(&err);
	snprintf(as, sizeof(as), "%s-%s", p.index, p.name);
	p.plugin.name = as;
	service.name = p.name;
	service.index = p.index;
	if (!p.preinstalled)
		serve_forever(&p, &service);
	nri_serve(&service, p.socket_fd, &err);
	say(&p, LOG_WARNING, err.text);
	return service.registered ? EXIT_SUCCESS : EXIT_FAILURE;
}
