/* StoryPage, a Page: everything that a logon caused, whoever its processes have become since, as a tree and as a timeline, with
 * where it came from on each of them. Signals:
 *   "open-process" (gint64 process)
 *   "explore" (const char *expression)
 *   "titled" (const char *title)         once it is known whose logon it is
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define STORY_TYPE_PAGE (story_page_get_type())
G_DECLARE_FINAL_TYPE(StoryPage, story_page, STORY, PAGE, GtkBox)

/* The logon that the process belongs to, or made. */
GtkWidget *story_page_new(Source *source, gint64 process);
gint64 story_page_get_process(StoryPage *self);
/* "alice from 203.0.113.9": newly allocated; who and where from, as far as they are known. */
char *story_page_title(const struct reader_story *story);
/* "remote interactive · terminal pts/0 · session 7 · 12 processes": newly allocated. */
char *story_page_summary(const struct reader_story *story);
