// SPDX-License-Identifier: BSD-3-Clause
// A plugin of clang-tidy 14, which toolchain/lint_files builds and loads. Checks then walk only through what
// is declared outside of system headers. Most of what a source file declares is from Boost, libtorrent and
// the C++ library: what checks find there is never shown, but to walk through it takes most of the time.
//
// It is a check that finds nothing. Every check is asked about the translation unit before what is in it is
// walked through, and this one then says what that is.
#include <vector>

#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>

namespace
{

class own_code final : public clang::tidy::ClangTidyCheck
{
public:
	using ClangTidyCheck::ClangTidyCheck;

	void registerMatchers(clang::ast_matchers::MatchFinder* const finder) override
	{
		finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this);
	}

	void check(clang::ast_matchers::MatchFinder::MatchResult const& found) override
	{
		std::vector<clang::Decl*> own;
		for (auto* const declared : found.Nodes.getNodeAs<clang::TranslationUnitDecl>("unit")->decls())
		{
			auto const place = found.SourceManager->getExpansionLoc(declared->getLocation());
			if (place.isValid() && !found.SourceManager->isInSystemHeader(place))
			{
				own.push_back(declared);
			}
		}
		found.Context->setTraversalScope(own);
	}
};

class own_code_module final : public clang::tidy::ClangTidyModule
{
public:
	void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override
	{
		factories.registerCheck<own_code>("own-code");
	}
};

clang::tidy::ClangTidyModuleRegistry::Add<own_code_module> const registered(
	"own-code", "skips system headers");

} // namespace
