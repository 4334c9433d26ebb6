/* Reads the fields of a context, each of which may be missing, as may the context itself. */
#include "base/ctx.h"

#include <poll.h>

bool ctx_is_stopped(const struct ctx *ctx)
{
	return ctx && ctx->stop && atomic_load(ctx->stop);
}

int ctx_out_fd(const struct ctx *ctx)
{
	return ctx ? ctx->out_fd : -1;
}

int ctx_err_fd(const struct ctx *ctx)
{
	return ctx ? ctx->err_fd : -1;
}

const char *ctx_own_program(const struct ctx *ctx)
{
	return ctx && ctx->self.path ? ctx->self.path : "/proc/self/exe";
}

char *ctx_ask_secret(const struct ctx *ctx, const char *prompt)
{
	return ctx && ctx->ask.secret ? ctx->ask.secret(ctx->ask.arg, prompt) : NULL;
}

bool ctx_ask_begin(const struct ctx *ctx)
{
	return ctx && ctx->ask.begin && ctx->ask.begin(ctx->ask.arg);
}

void ctx_ask_end(const struct ctx *ctx)
{
	ctx->ask.end(ctx->ask.arg);
}

void cancel_begin(const struct ctx *ctx)
{
	if (ctx && ctx->cancel.begin)
		ctx->cancel.begin(ctx->cancel.arg);
}

void cancel_end(const struct ctx *ctx)
{
	if (ctx && ctx->cancel.end)
		ctx->cancel.end(ctx->cancel.arg);
}

int cancel_poll(const struct ctx *ctx, struct pollfd *fds, size_t count, int timeout_ms)
{
	if (ctx && ctx->cancel.poll)
		return ctx->cancel.poll(ctx->cancel.arg, fds, count, timeout_ms);
	return poll(fds, (nfds_t)count, timeout_ms);
}

void cancel_transfer(const struct ctx *ctx, bool on)
{
	if (ctx && ctx->cancel.transfer)
		ctx->cancel.transfer(ctx->cancel.arg, on);
}

int cancel_interrupts(const struct ctx *ctx)
{
	return ctx && ctx->cancel.interrupts ? ctx->cancel.interrupts(ctx->cancel.arg) : 0;
}

int cancel_end_asked(const struct ctx *ctx)
{
	return ctx && ctx->cancel.end_asked ? ctx->cancel.end_asked(ctx->cancel.arg) : 0;
}

void cancel_restore_in_child(const struct ctx *ctx)
{
	if (ctx && ctx->cancel.restore_in_child)
		ctx->cancel.restore_in_child(ctx->cancel.arg);
}
