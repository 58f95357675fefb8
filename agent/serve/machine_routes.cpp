// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/machine_routes.hpp"

#include "agent/http_server/query.hpp"
#include "agent/http_server/served_file.hpp"
#include "agent/log/log.hpp"
#include "agent/net/address.hpp"
#include "agent/room/boot_scripts.hpp"
#include "base/clean_text.hpp"
#include "base/percent_decoded.hpp"
#include "base/text.hpp"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <utility>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

constexpr std::uint16_t usual_http_port = 80;
constexpr std::string_view json_type = "application/json";
constexpr std::string_view script_type = "text/plain; charset=utf-8";

http_reply text_reply(std::string_view const type, std::string text)
{
	http_reply reply;
	reply.type = type;
	reply.body = std::make_shared<std::string const>(std::move(text));
	return reply;
}

// What follows the prefix. Empty: it is another path.
std::optional<std::string_view> below(std::string_view const path, std::string_view const prefix)
{
	return path.starts_with(prefix) ? std::optional(path.substr(prefix.size())) : std::nullopt;
}

// The name without its end. Empty: it has another one.
std::optional<std::string_view> without_end(std::string_view const name, std::string_view const end)
{
	return name.ends_with(end) ? std::optional(name.substr(0, name.size() - end.size())) : std::nullopt;
}

result<unique_fd> open_folder(std::string const& path)
{
	unique_fd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (!folder)
	{
		return fail(fault::refused, system_error(errno), "opening {}", path);
	}
	return folder;
}

// As a request would have it, for serve_file().
std::string encoded(std::string const& name)
{
	std::string out;
	for (char const c : name)
	{
		out += c == '%' ? std::string("%25") : std::string(1, c);
	}
	return out;
}

std::string host_of(boost::asio::ip::address const& address)
{
	return address.is_v6() ? fmt::format("[{}]", address.to_string()) : address.to_string();
}

} // namespace

server_address address_for(http_question const& question, served_ports const& ports)
{
	server_address out{.authority = std::string(question.host),
		.address = host_of(question.local),
		.seed_port = ports.seed,
		.beacon_port = ports.beacons};
	if (out.authority.empty())
	{
		out.authority =
			ports.http == usual_http_port ? out.address : fmt::format("{}:{}", out.address, ports.http);
	}
	return out;
}

machine_routes::machine_routes(room_book& book, std::function<void(std::string const& info_hash)> on_wanted)
	: m_book(book)
	, m_on_wanted(std::move(on_wanted))
{}

result<void> machine_routes::open()
{
	auto const& folder = m_book.room().folder;
	BOOST_OUTCOME_TRY(boot, open_folder(folder + "/boot"));
	BOOST_OUTCOME_TRY(images, open_folder(folder + "/images"));
	m_boot = std::move(boot);
	m_images = std::move(images);
	return success();
}

std::optional<http_reply> machine_routes::answer(http_question const& question)
{
	if (auto const name = below(question.path, "/boot/"))
	{
		return serve_file(m_boot.get(), *name, question);
	}
	if (question.path == "/ldlinux.c32")
	{
		return serve_file(
			m_boot.get(), question.path.substr(1), question); // which PXELINUX wants beside its entries
	}
	if (auto const name = below(question.path, "/images/"))
	{
		return image(question, *name);
	}
	if (auto const name = below(question.path, "/jobs/"))
	{
		return job(question, *name);
	}
	return script(question);
}

std::optional<http_reply> machine_routes::script(http_question const& question)
{
	if (question.path == "/boot.ipxe")
	{
		return text_reply(script_type, first_ipxe_script(address_for(question, m_ports).authority));
	}
	if (question.path == "/ipxe")
	{
		return ipxe(question);
	}
	if (auto entry = named_entry(question, "/pxelinux.cfg/", pxelinux_entry))
	{
		return entry;
	}
	return named_entry(question, "/grub/grub.cfg-", grub_menu);
}

http_reply machine_routes::ipxe(http_question const& question)
{
	auto const value = [&](std::string_view const key) {
		return std::string(trim(query_value(question.query, key).value_or("")));
	};
	auto const choice = choose(question,
		{.mac = parse_mac(value("mac")).value_or(""),
			.serial = value("serial"),
			.uuid = lower_case(value("uuid")),
			.ip = {},
			.host = value("hostname")});
	return text_reply(script_type, ipxe_script(choice, address_for(question, m_ports).authority));
}

// PXELINUX and GRUB ask for a file that is named after the machine: 01-52-54-00-12-34-56, the number of its
// kind of network before its hardware address; and if that is not there, for `default`.
std::optional<http_reply> machine_routes::named_entry(http_question const& question,
	std::string_view const folder, std::string (*const text)(boot_choice const&, std::string_view authority))
{
	constexpr std::string_view ethernet = "01-";
	auto const name = below(question.path, folder);
	if (!name)
	{
		return std::nullopt;
	}
	if (*name == "default")
	{
		return text_reply(script_type, text({}, {}));
	}
	auto const mac =
		parse_mac(name->starts_with(ethernet) ? name->substr(ethernet.size()) : std::string_view());
	if (!mac)
	{
		return make_reply(404, "no machine has this name");
	}
	auto const choice = choose(question, {.mac = *mac, .serial = {}, .uuid = {}, .ip = {}, .host = {}});
	return text_reply(script_type, text(choice, address_for(question, m_ports).authority));
}

boot_choice machine_routes::choose(http_question const& question, room_identity who)
{
	who.ip = question.peer.to_string();
	auto choice = m_book.choose(who);
	auto& logger = log::get(log::component::agent);
	auto const name = choice.machine.empty() ? fmt::format("a machine at {}", who.ip) : choice.machine;
	if (!choice.trouble.empty())
	{
		logger.warn("{} boots its own disk: {}", name, choice.trouble);
	}
	else if (choice.kind == boot_kind::own_disk)
	{
		logger.info("{} boots its own disk", name);
	}
	else
	{
		logger.info("{} {} {}", name,
			choice.kind == boot_kind::image ? "starts and gets" : "starts to be captured as", choice.image);
	}
	return choice;
}

// 52-54-00-12-34-56.json, and the same with .minisig.
http_reply machine_routes::job(http_question const& question, std::string_view const name)
{
	constexpr std::string_view signature_end = ".minisig";
	auto const signed_name = without_end(name, signature_end);
	auto const stem = without_end(signed_name.value_or(name), ".json");
	auto const mac = parse_mac(stem.value_or(""));
	if (!mac)
	{
		return make_reply(404, "a job is named after a hardware address: 52-54-00-12-34-56.json");
	}
	auto made =
		m_book.job_for({.mac = *mac, .serial = {}, .uuid = {}, .ip = question.peer.to_string(), .host = {}},
			address_for(question, m_ports));
	if (!made)
	{
		return make_reply(404, made.error().text);
	}
	if (auto const* const image = m_book.room().image(m_book.records().at(*mac).job_image))
	{
		m_on_wanted(image->info_hash);
	}
	auto& job = made.value();
	if (!signed_name)
	{
		return text_reply(json_type, std::move(job.text));
	}
	return job.signature.empty() ? make_reply(404, "the jobs of this room are not signed")
								 : text_reply(script_type, std::move(job.signature));
}

// A torrent is that of the image of this name, wherever it is; anything else is a file of images/.
http_reply machine_routes::image(http_question const& question, std::string_view const asked)
{
	auto const decoded = percent_decoded(asked);
	if (!decoded)
	{
		return serve_file(m_images.get(), asked, question); // which says what is wrong
	}
	std::string_view const name = *decoded;
	auto const stem = without_end(name, ".torrent");
	auto const* const known = stem ? m_book.room().image(*stem) : nullptr;
	if (known == nullptr)
	{
		// Names with a dot in front are of what is not whole yet.
		return name.starts_with('.') ? make_reply(404, "not here")
									 : serve_file(m_images.get(), asked, question);
	}
	std::filesystem::path const path(known->torrent);
	auto const folder = open_folder(path.parent_path().string());
	return folder ? serve_file(folder.value().get(), encoded(path.filename().string()), question)
				  : make_reply(404, printable(folder.error().text));
}

} // namespace rawswarm
