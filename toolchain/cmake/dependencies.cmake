# SPDX-License-Identifier: BSD-3-Clause
# Other people's libraries, as targets. All come from Debian's packages except libtorrent and libfdisk, which
# toolchain/libtorrent/build and toolchain/libfdisk/build leave in CMAKE_PREFIX_PATH.
set(OPENSSL_USE_STATIC_LIBS ${RAWSWARM_STATIC})
set(THREADS_PREFER_PTHREAD_FLAG ON)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
foreach(target OpenSSL::SSL OpenSSL::Crypto)
	get_target_property(openssl ${target} IMPORTED_LOCATION)
	rawswarm_without_unwind_tables(openssl "${openssl}")
	set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${openssl}")
endforeach()
find_package(Boost 1.74 REQUIRED)
# Its folder is another one after a change of its pin or patches, and the cache would keep the old one.
unset(LibtorrentRasterbar_DIR CACHE)
find_package(LibtorrentRasterbar 2.0 REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(fmt 9 REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)

# Debian has fmt as a shared library and as headers only. Headers only cost every file that formats anything
# 3 s of compiling, so the library's part is compiled here, once.
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/fmt.cpp" CONTENT [[
#include <fmt/format-inl.h>

template auto fmt::detail::thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl<char>(locale_ref) -> char;
template fmt::detail::locale_ref::locale_ref(std::locale const&);
template auto fmt::detail::locale_ref::get<std::locale>() const -> std::locale;
template auto fmt::detail::dragonbox::to_decimal<float>(float) noexcept -> decimal_fp<float>;
template auto fmt::detail::dragonbox::to_decimal<double>(double) noexcept -> decimal_fp<double>;
]])
add_library(rawswarm_fmt STATIC "${CMAKE_BINARY_DIR}/generated/fmt.cpp")
target_link_libraries(rawswarm_fmt PRIVATE rawswarm_sanitizers rawswarm_static)

# spdlog's own targets pull in the shared fmt, so only its headers are used.
add_library(rawswarm_spdlog INTERFACE)
target_compile_definitions(rawswarm_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(rawswarm_spdlog INTERFACE rawswarm_fmt)

# rawswarm_c_library(TARGET NAME): TARGET links libNAME.a.
function(rawswarm_c_library target name)
	find_library(archive lib${name}.a REQUIRED NO_CACHE)
	rawswarm_without_unwind_tables(archive "${archive}")
	target_link_libraries(${target} INTERFACE "${archive}")
endfunction()

# Debian's libfdisk is a shared library only, and its pkg-config file names what it needs without the order.
add_library(rawswarm_fdisk INTERFACE)
find_path(RAWSWARM_FDISK_INCLUDE libfdisk/libfdisk.h REQUIRED NO_CACHE)
target_include_directories(rawswarm_fdisk SYSTEM INTERFACE "${RAWSWARM_FDISK_INCLUDE}")
foreach(library fdisk blkid uuid)
	rawswarm_c_library(rawswarm_fdisk ${library})
endforeach()

# Debian's libzstd-dev has the static library, and a pkg-config file alone.
add_library(rawswarm_zstd INTERFACE)
find_path(RAWSWARM_ZSTD_INCLUDE zstd.h REQUIRED NO_CACHE)
target_include_directories(rawswarm_zstd SYSTEM INTERFACE "${RAWSWARM_ZSTD_INCLUDE}")
rawswarm_c_library(rawswarm_zstd zstd)

# Its header alone (storage/device/piece_seal.cpp says why).
add_library(rawswarm_xxhash INTERFACE)
find_path(RAWSWARM_XXHASH_INCLUDE xxhash.h REQUIRED NO_CACHE)
target_include_directories(rawswarm_xxhash SYSTEM INTERFACE "${RAWSWARM_XXHASH_INCLUDE}")

# As of libzstd: Debian's zlib1g-dev has the static library.
add_library(rawswarm_zlib INTERFACE)
find_path(RAWSWARM_ZLIB_INCLUDE zlib.h REQUIRED NO_CACHE)
target_include_directories(rawswarm_zlib SYSTEM INTERFACE "${RAWSWARM_ZLIB_INCLUDE}")
rawswarm_c_library(rawswarm_zlib z)

# As of libzstd: Debian's libunistring-dev has the static library.
add_library(rawswarm_unistring INTERFACE)
find_path(RAWSWARM_UNISTRING_INCLUDE uniwidth.h REQUIRED NO_CACHE)
target_include_directories(rawswarm_unistring SYSTEM INTERFACE "${RAWSWARM_UNISTRING_INCLUDE}")
rawswarm_c_library(rawswarm_unistring unistring)

# As of libzstd: Debian's libext2fs-dev and comerr-dev have the static libraries.
add_library(rawswarm_ext2fs INTERFACE)
find_path(RAWSWARM_EXT2FS_INCLUDE ext2fs/ext2fs.h REQUIRED NO_CACHE)
target_include_directories(rawswarm_ext2fs SYSTEM INTERFACE "${RAWSWARM_EXT2FS_INCLUDE}")
foreach(library ext2fs com_err)
	rawswarm_c_library(rawswarm_ext2fs ${library})
endforeach()
