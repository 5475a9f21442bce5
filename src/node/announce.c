/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream socket and not a datagram one: of datagrams a follower that is busy for a moment can
 * have no more than ten waiting (net.unix.max_dgram_qlen), of connections thousands.
 */
#include "node/announce.h"

#include "base/jsonout.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define DIRECTORY "/run/seccomp-guard"
#define BACKLOG 4096

static struct sockaddr_un address_of(int slot)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), DIRECTORY "/denials.%d", slot);
	return address;
}

static int make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static bool reach(int fd, int slot)
{
	const struct sockaddr_un address = address_of(slot);

	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/* ---- telling ---- */

void announce(struct span text)
{
	int fd = text.n <= ANNOUNCE_MAX_SIZE ? make_socket() : -1;

	for (int slot = 0; fd >= 0 && slot < ANNOUNCE_FOLLOWERS; slot++) {
		if (!reach(fd, slot))
			continue;
		(void)!send(fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		fd = slot + 1 < ANNOUNCE_FOLLOWERS ? make_socket() : -1;
	}
	/* The one that reached nobody goes with the program: that is a call less. */
}

void announce_exec(struct span id)
{
	char buffer[2 * JSONOUT_MAX_STRING];
	struct jsonout out;

	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "exec_in", id);
	jsonout_end(&out);
	if (!out.truncated)
		announce((struct span){out.p, out.used});
}

/* ---- listening ---- */

/* Take the place of a follower that was killed, but not of one that lives, be it too busy to let
 * anybody in. */
static int take_slot(int fd, int slot)
{
	const struct sockaddr_un address = address_of(slot);
	CLEANUP_FD int probe = make_socket();

	if (probe < 0 || reach(probe, slot) || (errno != ECONNREFUSED && errno != ENOENT))
		return -1;
	unlink(address.sun_path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	if (chmod(address.sun_path, 0600) == 0 && listen(fd, BACKLOG) == 0)
		return 0;
	unlink(address.sun_path);
	return -1;
}

int announce_listen(struct announce_listener *ret_listener, struct error *err)
{
	CLEANUP_FD int directory = -1, fd = make_socket();

	*ret_listener = (struct announce_listener){.fd = -1};
	mkdir(DIRECTORY, 0755);
	directory = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* So that two that begin at the same time do not take one place. */
	if (fd < 0 || directory < 0 || flock(directory, LOCK_EX) < 0 ||
	    faccessat(directory, ".", W_OK, 0) < 0) {
		error_system(err, errno);
		return error_prefix(err, DIRECTORY);
	}
	for (int slot = 0; slot < ANNOUNCE_FOLLOWERS; slot++) {
		if (take_slot(fd, slot) < 0)
			continue;
		*ret_listener = (struct announce_listener){.fd = take_fd(&fd), .slot = slot};
		return 0;
	}
	return error_set(err, "%d others follow already", ANNOUNCE_FOLLOWERS);
}

static void forget(struct announce_listener *listener, size_t i)
{
	close(listener->waiting[i]);
	memmove(&listener->waiting[i], &listener->waiting[i + 1],
		(--listener->n_waiting - i) * sizeof(listener->waiting[0]));
}

/* It is told in one piece. -1: there is nothing yet; 0: and there will be nothing. */
static ssize_t read_told(int fd, char *buffer, int64_t *ret_pid)
{
	struct ucred from;
	socklen_t size = sizeof(from);
	ssize_t n = recv(fd, buffer, ANNOUNCE_MAX_SIZE, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (n <= 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &from, &size) < 0 || from.uid != 0)
		return 0;
	*ret_pid = from.pid;
	return n;
}

/* On a busy machine much can happen between connecting and telling: nobody is waited for, and
 * nobody is given up. */
static void take_in(struct announce_listener *listener)
{
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		if (listener->n_waiting == ANNOUNCE_WAITING)
			forget(listener, 0);
		listener->waiting[listener->n_waiting++] = fd;
		if (listener->n_waiting == ANNOUNCE_WAITING)
			return;
	}
}

bool announce_next(struct announce_listener *listener, char *buffer, struct span *ret_text,
		   int64_t *ret_pid)
{
	if (listener->fd < 0)
		return false;
	take_in(listener);
	for (size_t i = 0; i < listener->n_waiting;) {
		ssize_t n = read_told(listener->waiting[i], buffer, ret_pid);

		if (n < 0) {
			i++;
			continue;
		}
		forget(listener, i);
		if (n == 0)
			continue;
		*ret_text = (struct span){buffer, (size_t)n};
		return true;
	}
	return false;
}

void announce_end(struct announce_listener *listener)
{
	const struct sockaddr_un address = address_of(listener->slot);

	if (listener->fd < 0)
		return;
	while (listener->n_waiting > 0)
		forget(listener, 0);
	unlink(address.sun_path);
	close(listener->fd);
	listener->fd = -1;
}
