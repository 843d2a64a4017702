/* TODO: everything */
