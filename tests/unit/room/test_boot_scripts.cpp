// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/boot_scripts.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

boot_choice imaged()
{
	return {.kind = boot_kind::image,
		.machine = "pc-01",
		.mac = "52:54:00:00:00:01",
		.image = "a",
		.append = "console=ttyS0 x=$a;b",
		.trouble = {},
		.signed_jobs = false};
}

TEST(boot_scripts, a_machine_that_is_not_imaged_is_left_to_its_firmware)
{
	EXPECT_EQ(ipxe_script({}, "10.0.0.1"), "#!ipxe\nexit 1\n");
	EXPECT_EQ(pxelinux_entry({}, "10.0.0.1"), "DEFAULT disk\nLABEL disk\n\tLOCALBOOT 0\n");
	EXPECT_EQ(grub_menu({}, "10.0.0.1"), "exit 1\n");
}

TEST(boot_scripts, ipxe_asks_with_everything_that_it_knows_of_the_machine)
{
	EXPECT_EQ(first_ipxe_script("10.0.0.1:8080"),
		"#!ipxe\n"
		"chain http://10.0.0.1:8080/ipxe?mac=${mac}&serial=${serial:uristring}&uuid=${uuid}&ip=${ip} || exit "
		"1\n");
}

TEST(boot_scripts, ipxe_starts_kernel_and_initramfs_with_the_job)
{
	EXPECT_EQ(ipxe_script(imaged(), "10.0.0.1"),
		"#!ipxe\n"
		"kernel http://10.0.0.1/boot/vmlinuz initrd=initramfs BOOTIF=01-52-54-00-00-00-01 quiet "
		"rd.rawswarm.job=http://10.0.0.1/jobs/52-54-00-00-00-01.json console=ttyS0 x=$a;b || exit 1\n"
		"initrd http://10.0.0.1/boot/initramfs || exit 1\n"
		"boot || exit 1\n");
}

TEST(boot_scripts, a_room_that_signs_its_jobs_has_machines_trust_no_others)
{
	auto choice = imaged();
	choice.signed_jobs = true;
	for (auto const& text : {ipxe_script(choice, "s"), pxelinux_entry(choice, "s"), grub_menu(choice, "s")})
	{
		EXPECT_NE(text.find(" rd.rawswarm.key=/etc/rawswarm/trusted.pub"), std::string::npos) << text;
	}
}

TEST(boot_scripts, pxelinux_and_grub_have_the_same)
{
	EXPECT_EQ(pxelinux_entry(imaged(), "[fd00::1]"),
		"DEFAULT rawswarm\n"
		"LABEL rawswarm\n"
		"\tKERNEL http://[fd00::1]/boot/vmlinuz\n"
		"\tINITRD http://[fd00::1]/boot/initramfs\n"
		"\tAPPEND BOOTIF=01-52-54-00-00-00-01 quiet "
		"rd.rawswarm.job=http://[fd00::1]/jobs/52-54-00-00-00-01.json "
		"console=ttyS0 x=$a;b\n");
	EXPECT_EQ(grub_menu(imaged(), "10.0.0.1"),
		"linux /vmlinuz BOOTIF=01-52-54-00-00-00-01 quiet "
		"rd.rawswarm.job=http://10.0.0.1/jobs/52-54-00-00-00-01.json "
		"console=ttyS0 x=\\$a\\;b\n"
		"initrd /initramfs\n"
		"boot\n");
}

TEST(boot_scripts, what_stands_in_double_quotes_is_left_to_them)
{
	auto choice = imaged();
	choice.append = "a=\"b;c $d\" e;f";
	EXPECT_NE(grub_menu(choice, "s").find(" a=\"b;c \\$d\" e\\;f\n"), std::string::npos)
		<< grub_menu(choice, "s");
}

TEST(boot_scripts, parameters_that_a_loader_would_not_pass_on_are_told)
{
	EXPECT_EQ(wrong_append("console=ttyS0 memmap=4G$1M a=\"b c\" d#e f;g h||i"), "");
	for (auto const* const text :
		{"x=${y}", "a\\b", "a='b'", "a=\"b", "#a", "b #a", "a || b", "a && b", "a ;"})
	{
		EXPECT_NE(wrong_append(text), "") << text;
	}
}

} // namespace
} // namespace rawswarm
