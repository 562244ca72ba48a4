/* SPDX-License-Identifier: ISC */

/*
 * What is counted, put together: the pages of the filters, which are made
 * before the confinement takes away what that needs, and what the parent
 * knows itself.  The numbers of a filter are believed by nobody: they are
 * added up for people to look at.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../parent/parent.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U		/* Linux 6.3 */
#endif

static int	 page_memory(void);
static struct page *page_new(void);
static uint64_t	 stats_fds(void);
static void	 stats_look(struct parent *);
static void	 stats_filter(struct stats_total *, const struct filter *);

/*
 * Its size is for ever: what a filter could cut off would end the parent when
 * it reads there.
 */
static int
page_memory(void)
{
	const unsigned int	 flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int			 fd;

	fd = memfd_create("proxyd", flags | MFD_NOEXEC_SEAL);
	if (fd == -1 && errno == EINVAL)
		fd = memfd_create("proxyd", flags);
	if (fd == -1)
		return (-1);
	if (ftruncate(fd, sizeof(struct stats_page)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_SEAL) == 0)
		return (fd);
	close(fd);
	return (-1);
}

static struct page *
page_new(void)
{
	struct page	*page;
	void		*map;

	if ((page = calloc(1, sizeof(*page))) == NULL)
		return (NULL);
	if ((page->fd = page_memory()) == -1) {
		free(page);
		return (NULL);
	}
	map = mmap(NULL, sizeof(*page->map), PROT_READ | PROT_WRITE,
	    MAP_SHARED, page->fd, 0);
	if (map == MAP_FAILED) {
		close(page->fd);
		free(page);
		return (NULL);
	}
	page->map = map;
	return (page);
}

/* Without them, filters count for themselves. */
void
stats_open(struct parent *parent, size_t n)
{
	struct page	*page;

	parent->total.started = (uint64_t)time(NULL);
	for (n += SPARE_PAGES; n > 0; n--) {
		if ((page = page_new()) == NULL) {
			log_warn("memory for counters");
			return;
		}
		TAILQ_INSERT_TAIL(&parent->pages, page, entry);
	}
}

void
stats_take(struct filter *f)
{
	struct parent	*parent = f->parent;

	/* Scrapes are no traffic. */
	if (f->listener->metrics)
		return;
	if ((f->page = TAILQ_FIRST(&parent->pages)) != NULL)
		TAILQ_REMOVE(&parent->pages, f->page, entry);
	else if (parent->explain == NULL)
		log_warnx("requests at %s are not counted",
		    f->listener->text);
}

/* Sums never go down: what it counted stays. */
void
stats_give(struct filter *f)
{
	struct parent	*parent = f->parent;

	if (f->page == NULL)
		return;
	stats_add(&parent->gone, &f->page->map->counts);
	memset(f->page->map, 0, sizeof(*f->page->map));
	TAILQ_INSERT_TAIL(&parent->pages, f->page, entry);
	f->page = NULL;
}

enum stats_engine
stats_error(int error)
{
	switch (error) {
	case 0:
		return (ENGINE_UP);
	case ENOENT:
	case ENOTDIR:
		return (ENGINE_MISSING);
	case ECONNREFUSED:
		return (ENGINE_REFUSED);
	case EACCES:
	case EPERM:
		return (ENGINE_DENIED);
	case EAGAIN:
		return (ENGINE_BUSY);
	default:
		return (ENGINE_ERROR);
	}
}

void
stats_engine(struct parent *parent, int error)
{
	parent->total.engine = stats_error(error);
	parent->total.connects++;
	if (error != 0)
		parent->total.connect_errors++;
}

bool
stats_stream(const struct request *req)
{
	return (req->ep != NULL && !req->ended && (req->pump != NULL ||
	    req->upgrade || (req->ep->flags & EPF_STREAM) != 0));
}

/* Linux 6.2 tells it as the size of the directory. */
static uint64_t
stats_fds(void)
{
	struct dirent	*de;
	struct stat	 st;
	uint64_t	 n = 0;
	DIR		*dir;

	if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0)
		return ((uint64_t)st.st_size);
	if ((dir = opendir("/proc/self/fd")) == NULL)
		return (0);
	while ((de = readdir(dir)) != NULL)
		n += de->d_name[0] != '.';
	closedir(dir);
	return (n - 1);		/* one was the directory's */
}

/* What takes system calls, once a second at most: anyone may ask. */
static void
stats_look(struct parent *parent)
{
	int	 fd;

	if (parent->looked == parent->ticks + 1)
		return;
	parent->looked = parent->ticks + 1;
	if ((fd = docker_probe(parent)) != -1)
		close(fd);
	parent->total.fds = stats_fds();
}

static void
stats_filter(struct stats_total *total, const struct filter *f)
{
	const struct request	*req;

	total->listeners += !f->retired;
	total->serving += f->state == FILTER_RUN && !f->retired;
	total->requests += f->nreqs;
	TAILQ_FOREACH(req, &f->reqs, entry)
		total->streams += stats_stream(req);
	if (f->page == NULL)
		return;
	stats_add(&total->counts, &f->page->map->counts);
	if (f->state == FILTER_RUN)
		total->clients += f->page->map->clients;
}

void
stats_sum(struct parent *parent, struct stats_total *total)
{
	const struct filter	*f;

	stats_look(parent);
	*total = parent->total;
	total->uptime = parent->ticks;
	total->generation = parent->generation;
	total->maxfds = parent->nofile;
	total->counts.lost += log_lost();
	stats_add(&total->counts, &parent->gone);
	TAILQ_FOREACH(f, &parent->filters, entry)
		stats_filter(total, f);
}
