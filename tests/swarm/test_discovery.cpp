// How the machines of a room come to know each other.
#include "tests/support/room_test.hpp"

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class discovery : public room_test
{
protected:
	// Everyone connected with everyone else.
	bool meshes_within(std::chrono::milliseconds const timeout)
	{
		auto const everyone = static_cast<int>(hosts().size()) - 1;
		return agents().wait_until(
			[&] {
				return std::ranges::all_of(
					clients(), [&](std::size_t const i) { return agents().peers(i) == everyone; });
			},
			timeout);
	}
};

} // namespace

// Without a job that names anybody.
TEST_F(discovery, local_service_discovery_alone_finds_the_room)
{
	make({.clients = 7, .mbit = 100, .mib = 32});
	auto seeder = agents().seeder_job();
	seeder["swarm"]["lsd"] = true;
	agents().start_seeder(seeder);
	for (auto const i : clients())
	{
		auto job = agents().client_job(i);
		job["swarm"].erase("peers");
		job["swarm"]["lsd"] = true;
		agents().start(i, job);
	}
	EXPECT_TRUE(meshes_within(3s));
	EXPECT_TRUE(agents().are_done(clients(), 30s));
	EXPECT_TRUE(agents().are_right(clients()));
}

} // namespace rawswarm::test
