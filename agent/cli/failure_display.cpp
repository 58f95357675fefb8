// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/failure_display.hpp"

#include "agent/cli/output.hpp"
#include "agent/log/terminal.hpp"
#include "agent/progress/failure_screen.hpp"
#include "base/in_memory.hpp"

#include <unistd.h>

namespace rawswarm
{

void show_failure(int const exit_code, machine_identity const& self, std::string const& text)
{
	if (::isatty(STDERR_FILENO) == 0)
	{
		print_error(text);
		return;
	}
	bool const has_blocks = is_screen(STDERR_FILENO);
	screen_shape shape;
	if (auto const size = size_of_terminal(STDERR_FILENO))
	{
		shape.columns = size->columns;
		shape.rows = size->rows;
	}
	shape.ink = has_blocks ? letter_ink::blocks : letter_ink::hashes;
	shape.has_style = has_blocks && wants_style();
	print_to_errors(failure_screen({exit_code, self.hostname, self.mac, "rawswarm: " + text}, shape));
}

bool is_at_rescue_console()
{
	return ::isatty(STDERR_FILENO) != 0 && is_in_memory("/");
}

} // namespace rawswarm
