// SPDX-License-Identifier: BSD-3-Clause
// sha_speed sha1|sha256 SECONDS: prints how many MB libtorrent's hasher digests per second of CPU time, in
// updates of 1 MiB. tests/toolchain/sha_speed.sh compares it with `openssl speed`, which measures the same.
#include <libtorrent/hasher.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <vector>

namespace
{

double processor_seconds()
{
	return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <class Hasher>
double megabytes_per_second(double seconds)
{
	std::vector<char> const buffer(1 << 20, 'x');
	Hasher hasher;
	std::uint64_t bytes = 0;
	auto const start = processor_seconds();
	double passed = 0;
	while (passed < seconds)
	{
		hasher.update(buffer);
		bytes += buffer.size();
		passed = processor_seconds() - start;
	}
	hasher.final();
	return static_cast<double>(bytes) / 1e6 / passed;
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
	auto const seconds = std::atof(argv[2]);
	std::printf("%.0f\n",
		hash == "sha1" ? megabytes_per_second<lt::hasher>(seconds)
					   : megabytes_per_second<lt::hasher256>(seconds));
}
