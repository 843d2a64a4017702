int wire_dial(int fd)
{
	return connect(fd, 0, 0);
}
