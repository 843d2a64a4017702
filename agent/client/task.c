#include "agent/client/task.h"

#include <stddef.h>

#include "agent/base/cleanup.h"

static const struct task_kind *const kinds[] = { &task_reader, &task_capture, &task_file };

const struct task_kind *task_find(enum control_task task)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i]->task == task)
			return kinds[i];
	return NULL;
}
