// sha_speed sha1|sha256 SECONDS: prints how many MB/s libtorrent's hasher digests, in updates of 1 MiB.
// tests/toolchain/sha_speed.sh compares it with `openssl speed`.
#include <libtorrent/hasher.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace
{

template <class Hasher>
double megabytes_per_second(std::chrono::duration<double> time)
{
	using clock = std::chrono::steady_clock;
	std::vector<char> const buffer(1 << 20, 'x');
	Hasher hasher;
	std::uint64_t bytes = 0;
	auto const start = clock::now();
	std::chrono::duration<double> passed{};
	while (passed < time)
	{
		hasher.update(buffer);
		bytes += buffer.size();
		passed = clock::now() - start;
	}
	hasher.final();
	return static_cast<double>(bytes) / 1e6 / passed.count();
}

} // namespace

int main(int argc, char** argv)
{
	std::string_view const hash = argc == 3 ? argv[1] : "";
	if (hash != "sha1" && hash != "sha256")
	{
		std::fprintf(stderr, "sha_speed sha1|sha256 SECONDS\n");
		return 2;
	}
	std::chrono::duration<double> const time{std::atof(argv[2])};
	std::printf("%.0f\n",
		hash == "sha1" ? megabytes_per_second<lt::hasher>(time) : megabytes_per_second<lt::hasher256>(time));
}
