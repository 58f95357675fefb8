// SPDX-License-Identifier: BSD-3-Clause
// What a target waits for, if that is not what its state says. The displays show it as long as it stays; the
// log tells when it comes and, if it was trouble, when it goes.
#pragma once

#include <string>

namespace rawswarm
{

class target_note
{
public:
	explicit target_note(std::string device);

	// Empty: it waits for nothing.
	void set(std::string text, bool is_trouble);

	// Says nothing: the target has come to another state.
	void clear() { m_text.clear(); }

	std::string const& text() const { return m_text; }

private:
	std::string m_device;
	std::string m_text;
};

} // namespace rawswarm
