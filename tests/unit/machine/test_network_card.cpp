// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/network_card.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace rawswarm::test
{

namespace
{

constexpr auto mac = "52:54:00:12:34:56";

class network_card : public ::testing::Test
{
protected:
	void add(std::string const& name, std::string const& address, std::string const& speed, bool is_device)
	{
		auto const folder = m_sys.path() / "class/net" / name;
		std::filesystem::create_directories(is_device ? folder / "device" : folder);
		write_file(folder / "address", address + "\n");
		write_file(folder / "speed", speed + "\n");
	}

	std::optional<std::int64_t> rate() const { return card_rate(mac, m_sys.path()); }

private:
	temp_dir m_sys;
};

} // namespace

TEST_F(network_card, takes_what_its_speed_says)
{
	add("eth0", mac, "1000", true);
	add("eth1", "52:54:00:00:00:01", "100", true);
	EXPECT_EQ(rate(), 125'000'000);
}

TEST_F(network_card, that_does_not_tell_is_not_known)
{
	EXPECT_EQ(rate(), std::nullopt);
	add("eth0", mac, "-1", true);
	EXPECT_EQ(rate(), std::nullopt);
	EXPECT_EQ(card_rate("", "/none"), std::nullopt);
}

TEST_F(network_card, that_is_made_of_others_is_not_believed)
{
	add("veth0", mac, "10000", false);
	EXPECT_EQ(rate(), std::nullopt);
	add("eth0", mac, "100", true); // a bridge has the address of its port
	EXPECT_EQ(rate(), 12'500'000);
	add("eth1", mac, "100", true); // a bond has several
	EXPECT_EQ(rate(), std::nullopt);
}

} // namespace rawswarm::test
