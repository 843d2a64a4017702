/* lex: an expression's text, cut into tokens. Internal to recorder/query. */
#pragma once

#include "agent/base/arena.h"
#include "recorder/query/expr.h"

enum lex_type {
	LEX_END,
	LEX_OPEN, LEX_CLOSE, LEX_COMMA,
	LEX_COMPARE, /* == != < <= > >=: `op` says which */
	LEX_WORD,    /* field, keyword, number, time, or a value without quotes */
	LEX_STRING,  /* quoted; `text` is unescaped */
};

struct lex_token {
	enum lex_type type;
	enum expr_op op;
	struct span text;
	size_t from, to; /* byte columns */
};

struct lex {
	struct span source;
	size_t at;
	struct arena *arena; /* of unescaped strings */
};

/* The next token; LEX_END again and again at the end. 0, -EINVAL with *ret_error filled, -ENOMEM. */
int lex_next(struct lex *l, struct lex_token *ret, struct expr_error *ret_error);
