// SPDX-License-Identifier: BSD-3-Clause
// CLI11's types, for headers that only name them: its own headers take seconds to compile.
#pragma once

namespace CLI // NOLINT(readability-identifier-naming): it is CLI11's
{

class App;
class Option;

} // namespace CLI
