static const struct calls calls = { .role_name = "Timeline" };
