// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/uefi.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace rawswarm
{

namespace
{

struct machine_words
{
	char const* of_64_bits;
	char const* of_32_bits;
};

#if defined(__aarch64__) || defined(__arm__)
constexpr machine_words words{"AA64", "ARM"};
#elif defined(__riscv)
constexpr machine_words words{"RISCV64", "RISCV32"};
#elif defined(__loongarch__)
constexpr machine_words words{"LOONGARCH64", "LOONGARCH32"};
#else
constexpr machine_words words{"X64", "IA32"};
#endif

std::string uefi_folder(kernel_files const& files)
{
	return files.sys + "/firmware/efi";
}

} // namespace

bool is_started_by_uefi(kernel_files const& files)
{
	std::error_code ignored; // it is not there
	return std::filesystem::is_directory(uefi_folder(files), ignored);
}

// The firmware's kind counts, which may be of fewer bits than the kernel.
std::string fallback_loader(kernel_files const& files)
{
	std::ifstream in(uefi_folder(files) + "/fw_platform_size");
	int bits = 0;
	in >> bits;
	constexpr int fewer = 32;
	return fmt::format("\\EFI\\BOOT\\BOOT{}.EFI", bits == fewer ? words.of_32_bits : words.of_64_bits);
}

} // namespace rawswarm
