/* SPDX-License-Identifier: ISC */

/*
 * Messages between the parent and a filter.  The names are those of
 * OpenBSD's imsg_init(3); the code is our own and differs where Linux does:
 * the channel is a SOCK_SEQPACKET socketpair, a packet holds one or more
 * whole messages, and the descriptors of a packet belong, in order, to those
 * of its messages that carry the descriptor mark.  No message straddles a
 * read, so a descriptor can never be taken for another message's.
 *
 * Both ends run on the same machine: integers travel in host order.
 */

#ifndef IMSG_H
#define IMSG_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest packet and the largest message, its header included (bytes). */
#define IMSG_PACKET_MAX		65536U
#define IMSG_HEADER_SIZE	((uint32_t)sizeof(struct imsg_hdr))
#define IMSG_DATA_MAX		(IMSG_PACKET_MAX - IMSG_HEADER_SIZE)
/* Descriptors a packet may carry. */
#define IMSG_PACKET_FDS		16U
/* Default bound of the send queue: packets not yet taken by the kernel. */
#define IMSG_QUEUE_MAX		64U
/* In hdr.len: a descriptor is attached to this message. */
#define IMSG_FD_MARK		0x80000000U

/* As in OpenBSD, 16 bytes. */
struct imsg_hdr {
	uint32_t	type;
	uint32_t	len;		/* header included; top bit: fd mark */
	uint32_t	peerid;		/* our request id */
	uint32_t	pid;
};

/*
 * A received message.  data points into the imsgbuf's packet and is valid
 * until the next imsgbuf_read(); it is NULL when the payload is empty.
 * The descriptor belongs to the message until imsg_get_fd() takes it.
 */
struct imsg {
	struct imsg_hdr	 hdr;		/* len with the mark cleared */
	const uint8_t	*data;
	size_t		 len;		/* of data, bytes */
	int		 fd;		/* -1: none (left) */
	bool		 marked;	/* the sender attached a descriptor */
};

/* A packet being filled or waiting to be sent. */
struct imsg_packet {
	TAILQ_ENTRY(imsg_packet) entry;
	size_t		 len;
	unsigned int	 nfds;
	int		 fds[IMSG_PACKET_FDS];
	uint8_t		 data[IMSG_PACKET_MAX];
};
TAILQ_HEAD(imsg_packets, imsg_packet);

struct imsgbuf {
	int			 fd;		/* the channel; the caller's */
	uint32_t		 pid;
	bool			 fdpass;
	unsigned int		 maxqueue;	/* packets */
	unsigned int		 nqueue;
	struct imsg_packets	 queue;
	struct imsg_packets	 spare;		/* at most one, for reuse */
	/* the packet being read */
	uint8_t			*rbuf;		/* IMSG_PACKET_MAX + 1 bytes */
	size_t			 rlen;
	size_t			 rpos;
	int			 rfds[IMSG_PACKET_FDS];
	unsigned int		 nrfds;
	unsigned int		 rfdpos;
};

/*
 * Make ib ready to send and receive on fd, a non-blocking SOCK_SEQPACKET
 * socket that stays the caller's.  0, or -1 with errno (ENOMEM).
 */
int	 imsgbuf_init(struct imsgbuf *, int);

/* Allow descriptors to be sent and received; off by default. */
void	 imsgbuf_allow_fdpass(struct imsgbuf *);

/* Bound the send queue, in packets; IMSG_QUEUE_MAX is the default. */
void	 imsgbuf_set_maxqueue(struct imsgbuf *, unsigned int);

/*
 * Read one packet.  1: a packet is there, or nothing could be read yet
 * (EAGAIN, EINTR); 0: the peer has closed; -1 with errno: EBADMSG for a
 * packet that was cut short or carried more descriptors than a packet may,
 * EMFILE when the kernel dropped descriptors (MSG_CTRUNC), else recvmsg(2)'s.
 * All messages of the packet before must have been taken by imsgbuf_get();
 * what was left is dropped and its descriptors are closed.
 */
int	 imsgbuf_read(struct imsgbuf *);

/*
 * Take the next message of the packet.  1: *imsg is filled in; 0: no message
 * is left, call imsgbuf_read(); -1 with errno EBADMSG: a length below the
 * header's or beyond the packet, a mark without a descriptor, a descriptor
 * that no mark claims.  After -1 the channel cannot be trusted: close it.
 */
int	 imsgbuf_get(struct imsgbuf *, struct imsg *);

/*
 * Send what is queued, as far as the kernel takes it.  0: done, or the
 * kernel's buffer is full (imsgbuf_queuelen() tells); -1 with errno: EPIPE
 * and the other errors of sendmsg(2).  ETOOMANYREFS counts as full.
 */
int	 imsgbuf_write(struct imsgbuf *);

/* Packets that wait to be sent, the one being filled included. */
uint32_t imsgbuf_queuelen(const struct imsgbuf *);

/* Drop everything queued or unread, close its descriptors, free memory. */
void	 imsgbuf_clear(struct imsgbuf *);

/*
 * Queue a message: type, id (our request id), pid (0: our own), fd or -1,
 * data and its length.  1: queued, and the descriptor now belongs to the
 * imsgbuf, which closes it once sent; -1 with errno: ERANGE (longer than
 * IMSG_DATA_MAX), ENOBUFS (queue full), EINVAL (a descriptor on a channel
 * that passes none), ENOMEM; the descriptor stays the caller's.
 */
int	 imsg_compose(struct imsgbuf *, uint32_t, uint32_t, pid_t, int,
	    const void *, size_t);

/* The same from several pieces. */
int	 imsg_composev(struct imsgbuf *, uint32_t, uint32_t, pid_t, int,
	    const struct iovec *, int);

/* The parts of a received message. */
uint32_t imsg_get_type(const struct imsg *);
uint32_t imsg_get_id(const struct imsg *);
pid_t	 imsg_get_pid(const struct imsg *);
size_t	 imsg_get_len(const struct imsg *);

/* Take the descriptor, now the caller's; -1 if there is none (left). */
int	 imsg_get_fd(struct imsg *);

/* Copy a payload of exactly len bytes; 0, or -1 with errno EBADMSG. */
int	 imsg_get_data(const struct imsg *, void *, size_t);

/* Close the descriptor if nobody took it. */
void	 imsg_free(struct imsg *);

/*
 * ibuf: a bounded builder and reader of bytes, for payloads of several parts.
 * ibuf_open/dynamic allocate; ibuf_from_buffer makes a reader on the
 * caller's memory, which must outlive it and must not be freed by ibuf_free
 * (that is a program error and aborts).
 */
struct ibuf {
	uint8_t		*buf;
	size_t		 size;		/* allocated */
	size_t		 max;		/* may grow up to this */
	size_t		 wpos;
	size_t		 rpos;
	bool		 onstack;
};

/* A builder of fixed size, or one that grows to max.  NULL: ENOMEM, EINVAL. */
struct ibuf	*ibuf_open(size_t);
struct ibuf	*ibuf_dynamic(size_t, size_t);
void		 ibuf_from_buffer(struct ibuf *, const void *, size_t);

/* Append; 0, or -1 with errno ERANGE (over max), ENOMEM. */
int		 ibuf_add(struct ibuf *, const void *, size_t);
int		 ibuf_add_n8(struct ibuf *, uint8_t);
int		 ibuf_add_n16(struct ibuf *, uint16_t);
int		 ibuf_add_n32(struct ibuf *, uint32_t);
int		 ibuf_add_n64(struct ibuf *, uint64_t);
/* A string as u32 length and bytes, no NUL. */
int		 ibuf_add_string(struct ibuf *, const char *);

/* Read; 0, or -1 with errno EBADMSG when too little is left. */
int		 ibuf_get(struct ibuf *, void *, size_t);
int		 ibuf_get_n8(struct ibuf *, uint8_t *);
int		 ibuf_get_n16(struct ibuf *, uint16_t *);
int		 ibuf_get_n32(struct ibuf *, uint32_t *);
int		 ibuf_get_n64(struct ibuf *, uint64_t *);
int		 ibuf_skip(struct ibuf *, size_t);
/* malloc()ed, NUL-terminated, the caller's; an embedded NUL is EBADMSG. */
int		 ibuf_get_string(struct ibuf *, char **);
/* The bytes not yet read: where and how many. */
const void	*ibuf_data(const struct ibuf *);
size_t		 ibuf_size(const struct ibuf *);
void		 ibuf_free(struct ibuf *);

#endif /* IMSG_H */
