int send_out(int fd)
{
	return connect(fd, 0, 0);
}
