void more(struct buf *out)
{
	buf_add_z(out, _(" more are not shown"));
}
