// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/kernel_parameters.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

using std::chrono::seconds;
using words = std::vector<std::string>;

// "name" or "name=value", without quotes.
words split(std::string_view text)
{
	words all;
	for (auto const& p : split_kernel_command_line(text))
	{
		all.push_back(p.value ? p.name + "=" + *p.value : p.name);
	}
	return all;
}

kernel_parameters read(std::string_view text)
{
	auto const parameters = read_kernel_parameters(text);
	EXPECT_FALSE(parameters.mistake) << parameters.mistake->text;
	return parameters;
}

words texts(std::vector<endpoint> const& beacons)
{
	words all;
	for (auto const& e : beacons)
	{
		all.push_back(to_string(e));
	}
	return all;
}

std::string mistake_in(std::string_view text)
{
	auto const mistake = read_kernel_parameters(text).mistake;
	if (!mistake)
	{
		return "none";
	}
	EXPECT_EQ(mistake->kind, fault::usage);
	return mistake->text;
}

std::string boot_mac(std::string_view bootif)
{
	return read("rd.rawswarm.job=j BOOTIF=" + std::string(bootif)).boot_mac;
}

} // namespace

TEST(kernel_parameters, an_ordinary_command_line_asks_for_nothing)
{
	auto const p = read("BOOT_IMAGE=/vmlinuz root=UUID=5 ro quiet console=ttyS0,115200n8\n");
	EXPECT_EQ(p.job, "");
	EXPECT_TRUE(p.beacons.empty());
	EXPECT_EQ(read("").job, "");
	EXPECT_EQ(read(" \n").job, "");
}

TEST(kernel_parameters, everything_can_be_said)
{
	auto const p = read("quiet rd.rawswarm.job=http://10.0.0.1/${mac}.json rd.rawswarm.key=/etc/key.pub "
						"rd.rawswarm.serial_number=7 "
						"rd.rawswarm.log=info,storage=debug rd.rawswarm.timeout=120 "
						"rd.rawswarm.on_success=continue rd.rawswarm.on_failure=shell "
						"rd.rawswarm.sandbox=off "
						"BOOTIF=01-52-54-00-12-34-56 rd.rawswarm.beacon=10.0.0.1:7700\n");
	EXPECT_EQ(p.job, "http://10.0.0.1/${mac}.json");
	EXPECT_EQ(p.key, "/etc/key.pub");
	EXPECT_EQ(p.least_serial_number, 7);
	EXPECT_EQ(p.log, test::value_of(log::parse_levels("info,storage=debug")));
	EXPECT_EQ(p.timeout, seconds(120));
	EXPECT_EQ(p.on_success, end_action::proceed);
	EXPECT_EQ(p.on_failure, end_action::shell);
	EXPECT_FALSE(p.sandbox);
	EXPECT_EQ(p.boot_mac, "52:54:00:12:34:56");
	EXPECT_EQ(texts(p.beacons), words{"10.0.0.1:7700"});
}

TEST(kernel_parameters, what_is_not_said_has_its_default)
{
	auto const p = read("rd.rawswarm.job=/job.json");
	EXPECT_EQ(p.timeout, seconds(60));
	EXPECT_EQ(p.on_success, std::nullopt);
	EXPECT_EQ(p.on_failure, std::nullopt);
	EXPECT_EQ(p.boot_mac, "");
	EXPECT_EQ(p.key, "");
	EXPECT_EQ(p.least_serial_number, 0);
	EXPECT_TRUE(p.sandbox);
	EXPECT_TRUE(p.log.empty());
}

TEST(kernel_parameters, the_last_one_counts)
{
	auto const p = read("rd.rawswarm.job=/a rd.rawswarm.timeout=1 rd.rawswarm.job=/b rd.rawswarm.timeout=0 "
						"rd.rawswarm.on_failure=shell rd.rawswarm.on_failure=continue");
	EXPECT_EQ(p.job, "/b");
	EXPECT_EQ(p.timeout, seconds(0));
	EXPECT_EQ(p.on_failure, end_action::proceed);
}

TEST(kernel_parameters, all_beacons_count)
{
	EXPECT_EQ(texts(read("rd.rawswarm.beacon=10.0.0.1:7700 x rd.rawswarm.beacon=[ff02::77]:7700").beacons),
		(words{"10.0.0.1:7700", "[ff02::77]:7700"}));
}

TEST(kernel_parameters, quotes_are_read_as_the_kernel_reads_them)
{
	EXPECT_EQ(split(R"(a  b="x y"	"c=p q" "d" e=x"y z" f="" "g)"),
		(words{"a", "b=x y", "c=p q", "d", "e=x\"y z\"", "f=", "g"}));
	EXPECT_EQ(split(R"(a=b=c ="x" "" - --)"), (words{"a=b=c", "=x", "", "-", "--"}));
	EXPECT_EQ(split("\""), words{""});
	EXPECT_EQ(split("a=\""), words{"a="});
}

TEST(kernel_parameters, a_job_may_have_blanks_between_quotes)
{
	EXPECT_EQ(read(R"(rd.rawswarm.job="/my jobs/a.json")").job, "/my jobs/a.json");
	EXPECT_EQ(read(R"("rd.rawswarm.job=/my jobs/a.json")").job, "/my jobs/a.json");
}

TEST(kernel_parameters, an_unknown_one_is_named)
{
	EXPECT_EQ(mistake_in("rd.rawswarm.jbo=/a"), "rd.rawswarm.jbo: unknown kernel parameter");
	EXPECT_EQ(mistake_in("rd.rawswarm.=/a"), "rd.rawswarm.: unknown kernel parameter");
	EXPECT_EQ(mistake_in("rd.rawswarm=/a rd.rawswarmer=1 rawswarm.job=/a"), "none");
}

TEST(kernel_parameters, a_missing_value_is_named)
{
	EXPECT_EQ(mistake_in("rd.rawswarm.job"), "rd.rawswarm.job: needs a value");
	EXPECT_EQ(mistake_in("rd.rawswarm.on_failure="), "rd.rawswarm.on_failure: needs a value");
}

TEST(kernel_parameters, a_wrong_value_is_named)
{
	EXPECT_EQ(
		mistake_in("rd.rawswarm.timeout=1m"), "rd.rawswarm.timeout: must be a number of seconds, not \"1m\"");
	EXPECT_TRUE(mistake_in("rd.rawswarm.timeout=-1").starts_with("rd.rawswarm.timeout: must be"));
	EXPECT_TRUE(mistake_in("rd.rawswarm.timeout=99999999999999999999").starts_with("rd.rawswarm.timeout: "));
	EXPECT_TRUE(mistake_in("rd.rawswarm.beacon=10.0.0.1").starts_with("rd.rawswarm.beacon: must be"));
	EXPECT_TRUE(mistake_in("rd.rawswarm.log=loud").starts_with("rd.rawswarm.log: must be"));
	EXPECT_TRUE(mistake_in("rd.rawswarm.on_success=dance").starts_with("rd.rawswarm.on_success: must be"));
	EXPECT_TRUE(mistake_in("rd.rawswarm.on_failure=dance").starts_with("rd.rawswarm.on_failure: must be"));
	EXPECT_EQ(mistake_in("rd.rawswarm.sandbox=none"), "rd.rawswarm.sandbox: must be on or off, not \"none\"");
	EXPECT_TRUE(mistake_in("rd.rawswarm.key=http://h/k").starts_with("rd.rawswarm.key: "));
	EXPECT_TRUE(mistake_in("rd.rawswarm.serial_number=new").starts_with("rd.rawswarm.serial_number: "));
	EXPECT_TRUE(mistake_in("rd.rawswarm.job=-").starts_with("rd.rawswarm.job: must be a path or URL"));
}

TEST(kernel_parameters, of_several_mistakes_the_first_is_told)
{
	EXPECT_EQ(mistake_in("rd.rawswarm.a=1 rd.rawswarm.b=2"), "rd.rawswarm.a: unknown kernel parameter");
}

TEST(kernel_parameters, what_was_right_is_kept_beside_a_mistake)
{
	auto const p = read_kernel_parameters("rd.rawswarm.oops=1 rd.rawswarm.job=/a "
										  "rd.rawswarm.beacon=10.0.0.1:7700 rd.rawswarm.on_failure=shell");
	ASSERT_TRUE(p.mistake);
	EXPECT_EQ(p.job, "/a");
	EXPECT_EQ(texts(p.beacons), words{"10.0.0.1:7700"});
	EXPECT_EQ(p.on_failure, end_action::shell);
}

TEST(kernel_parameters, bootif_is_taken_in_all_its_forms)
{
	for (auto const* const form : {"01-52-54-00-ab-cd-ef", "01-52-54-00-AB-CD-EF", "52-54-00-ab-cd-ef",
			 "52:54:00:AB:CD:EF", "20-52-54-00-ab-cd-ef"})
	{
		EXPECT_EQ(boot_mac(form), "52:54:00:ab:cd:ef") << form;
	}
}

TEST(kernel_parameters, bootif_is_taken_without_dashes)
{
	EXPECT_EQ(boot_mac("52540012AB56"), "52:54:00:12:ab:56");
	EXPECT_EQ(boot_mac("0152540012ab56"), "52:54:00:12:ab:56");
}

TEST(kernel_parameters, bootif_of_infiniband_has_twenty_octets_or_the_eight_of_its_port)
{
	auto const port = std::string("00:02:c9:03:00:0a:bc:de");
	auto const whole = "80:00:02:08:fe:80:00:00:00:00:00:00:" + port;
	EXPECT_EQ(boot_mac(whole), whole);
	EXPECT_EQ(boot_mac("20-80-00-02-08-fe-80-00-00-00-00-00-00-00-02-C9-03-00-0A-BC-DE"), whole);
	EXPECT_EQ(boot_mac("20-00-02-c9-03-00-0a-bc-de"), port);
	EXPECT_EQ(boot_mac("0002c903000abcde"), port);
}

TEST(kernel_parameters, a_bootif_that_is_no_address_is_a_mistake_of_a_boot_with_a_job)
{
	for (auto const* const wrong :
		{"eth0", "", "01-52-54-00-ab", "52-54-00-ab-cd-eg", "52-54-00-ab-cd-efx", "5254-00-ab-cd--ef", "01-",
			"01", "52-54-00-ab-cd-ef-", "-52-54-00-ab-cd-ef", "52540012ab5", "5254001-2ab56"})
	{
		auto const bootif = " BOOTIF=" + std::string(wrong);
		EXPECT_TRUE(mistake_in("rd.rawswarm.job=/a" + bootif).starts_with("BOOTIF: must be")) << wrong;
		EXPECT_EQ(mistake_in("quiet" + bootif), "none");
	}
}

} // namespace rawswarm
