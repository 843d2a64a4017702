/* twice: x. */
int twice(void);
