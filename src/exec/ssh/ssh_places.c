/* Hosts, their slots, and which of them a job goes to. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/jobs_dir.h"
#include "exec/ssh/ssh_int.h"

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct ssh_place *ssh_place_add(struct ssh_site *site, const char *host, int slots)
{
	struct ssh_place *p = NEW(struct ssh_place);

	p->host = mem_strdup(host);
	p->slots = slots;
	p->link = ssh_link_new(site->repo->ctx, site->profile, p->host, site->repository);
	if (site->sweeps)
		ssh_link_keep(p->link, ssh_jobs_in_use, site);
	*vec_push(&site->places) = p;
	return p;
}

struct ssh_place *ssh_place_named(struct ssh_site *site, const char *host)
{
	VEC_EACH (&site->places, p)
		if (str_eq((*p)->host, host))
			return *p;
	return ssh_place_add(site, host, 0);
}

static char *slot_path(const struct ssh_site *site, const struct ssh_place *p, int slot)
{
	AUTO(mem_freep) char *dir = jobs_dir(site->repo, site->base.name);
	unsigned char digest[MD5_BYTES];
	char hex[MD5_HEX + 1];

	md5_of(p->host, strlen(p->host), digest);
	md5_to_hex(digest, hex);
	return mem_printf("%s/slots/%.8s-%d.lock", dir, hex, slot);
}

static int free_slots(const struct ssh_site *site, const struct ssh_place *p)
{
	int count = 0;

	for (int i = 0; i < p->slots; i++) {
		AUTO(mem_freep) char *path = slot_path(site, p, i);

		count += !holdfile_is_held(path);
	}
	return count;
}

bool ssh_place_take_slot(struct executor_job *job, struct ssh_place *p)
{
	for (int i = 0; i < p->slots; i++) {
		AUTO(mem_freep) char *path = slot_path(job->site, p, i);

		if (file_mkdirs_for(path, NULL) == 0 && holdfile_take(&job->slot, path, NULL) == 0)
			return true;
	}
	return false;
}

/* A host that answers and has the most free slots; without one that answers, the first with a free
 * slot. NULL: all slots are in use. Waits a while for hosts that are being connected to. */
struct ssh_place *ssh_place_choose(struct ssh_site *site)
{
	enum { PATIENCE_MS = 25000, LOOK_MS = 20 };

	for (int64_t end = now_ms() + PATIENCE_MS;;) {
		struct ssh_place *best = NULL, *any = NULL;
		int most = 0, starting = 0, ready = 0;

		VEC_EACH (&site->places, it) {
			struct ssh_place *p = *it;
			int count = free_slots(site, p);

			if (!count)
				continue;
			any = any ? any : p;
			ssh_link_pump(p->link);
			starting += ssh_link_state(p->link) == SSH_LINK_STARTING;
			if (ssh_link_state(p->link) != SSH_LINK_READY)
				continue;
			ready++;
			if (count > most) {
				most = count;
				best = p;
			}
		}
		if (ready || !starting || now_ms() > end)
			return best ? best : any;
		(void)cancel_poll(site->repo->ctx, NULL, 0, LOOK_MS);
		if (cancel_interrupts(site->repo->ctx) || cancel_end_asked(site->repo->ctx))
			return any;
	}
}

int ssh_store(struct ssh_place *p, struct ssh_site *site, struct remote **out, struct err *err)
{
	if (!p->store) {
		AUTO(mem_freep)
		char *url = mem_printf("ssh://%s%s/cache", p->host, ssh_link_root(p->link));
		int r = remote_open(&p->store, site->repo->ctx, url, NULL, err);

		if (r < 0)
			return r;
		p->store->name = p->host;
		p->store->verify = true;
		p->store->look = LOOK_ALL;
	}
	*out = p->store;
	return 0;
}

int ssh_store_failed(const struct remote *store, const struct remote_result *result, bool is_push,
	struct err *err)
{
	if (!result->failures.count)
		return err_set(err, ERR_FAIL, "%zu objects could not be %s", result->failed,
			is_push ? "sent" : "fetched");
	const struct remote_failure *first = &result->failures.items[0];
	AUTO(mem_freep) char *line = remote_failure_text(store, first, is_push, false);
	bool is_lost = !is_push && (first->code == ERR_CORRUPT || first->code == ERR_NOT_FOUND);

	return err_set(err, is_lost ? ERR_CORRUPT : ERR_FAIL, "%s", line);
}
