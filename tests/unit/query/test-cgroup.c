#include "tests/unit/test.h"

#include "recorder/query/cgroup.h"

#define ID "4f0c8e1f3a5b7c9d0e2f4a6b8c0d1e3f5a7b9c1d3e5f7a9b1c3d5e7f9a0b2c4d"
#define OTHER "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void check(const char *path, const char *container, const char *unit)
{
	struct span c = cgroup_container(span_of(path)), u = cgroup_unit(span_of(path));

	if (!(container ? span_eq(c, span_of(container)) : !c.p))
		fail_msg("%s: container \"%.*s\"", path, SPAN_FMT(c));
	if (!(unit ? span_eq(u, span_of(unit)) : !u.p))
		fail_msg("%s: unit \"%.*s\"", path, SPAN_FMT(u));
}

static void runtimes(void **state)
{
	check("/system.slice/docker-" ID ".scope", ID, "docker-" ID ".scope");
	check("/docker/" ID, ID, NULL);
	check("/docker/4f0c8e1f3a5b", "4f0c8e1f3a5b", NULL);
	check("/machine.slice/libpod-" ID ".scope/container", ID, "libpod-" ID ".scope");
	check("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", ID, "libpod-" ID ".scope");
	check("/libpod_parent/libpod-" ID, ID, NULL);
	check("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-" ID ".scope", ID,
	      "cri-containerd-" ID ".scope");
	check("/kubepods/burstable/pod8b1a9953-c461/" ID, ID, NULL);
	check("/kubepods.slice/x.slice/crio-" ID ".scope", ID, "crio-" ID ".scope");
	check("/system.slice/containerd.service/kubepods-besteffort-pod1.slice:cri-containerd:" ID, ID, "containerd.service");
	check("/system.slice/nerdctl-" ID ".scope", ID, "nerdctl-" ID ".scope");
	check("/k8s.io/" ID, ID, NULL);
	check("/ecs/task/" ID, ID, NULL);
}

static void the_innermost(void **state)
{
	check("/docker/" OTHER "/docker/" ID, ID, NULL);
	check("/system.slice/docker-" ID ".scope/system.slice/nginx.service", ID, "nginx.service");
	check("/docker/" ID "/init.scope (deleted)", ID, "init.scope");
	check("/docker/" ID " (deleted)", ID, NULL);
}

static void names(void **state)
{
	check("/lxc.payload.web/system.slice/nginx.service", "web", "nginx.service");
	check("/lxc.payload/web-1", "web-1", NULL);
	check("/lxc/web/init.scope", "web", "init.scope");
	check("/lxc.monitor.web", NULL, NULL);
	check("/machine.slice/machine-deb\\x2d12.scope/payload/init.scope", "deb\\x2d12", "init.scope");
	check("/machine.slice/systemd-nspawn@deb.service/payload", "deb", "systemd-nspawn@deb.service");
}

static void no_containers(void **state)
{
	check("/", NULL, NULL);
	check("", NULL, NULL);
	check("/system.slice/ssh.service", NULL, "ssh.service");
	check("/user.slice/user-0.slice/session-3.scope", NULL, "session-3.scope");
	check("/user.slice/user-0.slice", NULL, NULL);
	check("/user.slice/user@0.service/app.slice/app-org.kde.konsole-00112233445566778899aabbccddeeff.scope", NULL,
	      "app-org.kde.konsole-00112233445566778899aabbccddeeff.scope");
	check("/machine.slice/libpod-conmon-" ID ".scope", NULL, "libpod-conmon-" ID ".scope");
	check("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", NULL, "machine-qemu\\x2d1\\x2dvm.scope");
	check("/docker", NULL, NULL);
	check("/docker/not-an-id", NULL, NULL);
	check("/docker/4f0c8e1f3a5", NULL, NULL);
	check("/x/4f0c8e1f3a5b", NULL, NULL);
	check("/docker/" ID "0", NULL, NULL);
	check("/DOCKER-" ID, NULL, NULL);
	check("//.service/", NULL, NULL);
	check(":", NULL, NULL);
	check("/-", NULL, NULL);
	check("/:docker:", NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runtimes), cmocka_unit_test(the_innermost), cmocka_unit_test(names),
		cmocka_unit_test(no_containers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
