# SPDX-License-Identifier: BSD-3-Clause
# How sources of libtorrent are compiled that are not like the others.

# These do not share a translation unit: they have macros or using-directives that reach into what follows.
set_source_files_properties(
	src/copy_file.cpp
	src/file_view_pool.cpp
	src/identify_client.cpp
	src/natpmp.cpp
	src/peer_list.cpp
	src/posix_storage.cpp
	src/puff.cpp
	src/upnp.cpp
	PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

# What runs for each block and message is compiled for speed, the rest to be small: for initramfs and network boot.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
	set_source_files_properties(
		src/bandwidth_manager.cpp
		src/bitfield.cpp
		src/bt_peer_connection.cpp
		src/chained_buffer.cpp
		src/peer_connection.cpp
		src/piece_picker.cpp
		src/receive_buffer.cpp
		src/request_blocks.cpp
		src/torrent.cpp
		src/web_peer_connection.cpp
		PROPERTIES COMPILE_OPTIONS -O2)
endif()
