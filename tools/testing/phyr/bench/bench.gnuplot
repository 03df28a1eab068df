# SPDX-License-Identifier: GPL-2.0-only
#
# Draws what bench measured.
#
#   gnuplot -c bench.gnuplot build/results/bench.tsv FOLDER

data = ARG1
folder = ARG2

set datafile separator "\t"
set datafile missing NaN
set terminal svg size 760,420 noenhanced font "sans-serif,13" background "white"
set border 3
set tics nomirror out
set grid ytics lc rgb "#dddddd"
set key outside right top Left reverse samplen 2

# Okabe and Ito's colours, told apart by everybody.
array colours = ["#d55e00", "#000000", "#555555", "#0072b2", "#56b4e9", "#009e73", "#cc79a7"]
peers = "phyr sg_append_table sg_table phys_vec[] bio_vec[] page*[] xarray"
# Once it is built, a table that can grow is a table as all others.
built = "phyr sg_table phys_vec[] bio_vec[] page*[] xarray"

colour(who) = colours[sum [i = 1:words(peers)] (word(peers, i) eq who ? i : 0)]
width(who) = who eq "phyr" ? 3 : 1.5

# The columns are operation, input, kind of list, median, least and largest.
is(op, who) = strcol(1) eq op && strcol(3) eq who
length_of(input) = input[1:2] eq "2^" ? 2 ** int(input[3:*]) : NaN
y(op, who) = is(op, who) ? column(4) : NaN
total(op, who) = y(op, who) * (op eq "map_identity" ? 1 : length_of(strcol(2)))

set logscale xy
set xlabel "entries in the list, each a page"
set format x "2^%L"
set logscale x 2
set xtics 1, 16
set xrange [1:2 ** 22]

set output folder . "/build.svg"
set title "Building a list from page arrays, ns a page"
plot for [who in peers] data using (length_of(strcol(2))):(y("build", who)) \
	with lines lw width(who) lc rgb colour(who) title who

set output folder . "/walk.svg"
set title "Walking all ranges, ns each"
plot data using (length_of(strcol(2))):(y("walk_batch", "phyr")) \
	with lines lw 3 dt 2 lc rgb colour("phyr") title "phyr, batches", \
	for [who in built] data using (length_of(strcol(2))):(y("walk_state", who)) \
	with lines lw width(who) lc rgb colour(who) title who

set output folder . "/seek.svg"
set title "Finding a random position, ns"
plot for [who in built] data using (length_of(strcol(2))):(y("seek", who)) \
	with lines lw width(who) lc rgb colour(who) title who

set output folder . "/map.svg"
set title "Mapping a list for a device, ns in all (*: and unmapping)"
plot for [who in "phyr sg_table"] data using (length_of(strcol(2))):(total("map_iova", who)) \
	with lines lw width(who) lc rgb colour(who) title who . ", IOMMU", \
	for [who in "phyr sg_table"] data using (length_of(strcol(2))):(total("map_identity", who)) \
	with lines lw width(who) dt 2 lc rgb colour(who) title who . ", direct*"

# A group of bars for each input.
inputs = "fragmented-4k thp shuffled-1g huge-2m"
x(input) = sum [i = 1:words(inputs)] (word(inputs, i) eq input ? i : 0)
place(input, i) = x(input) ? x(input) + (i - 4) * 0.12 : NaN

unset logscale x
set xrange [0.4:words(inputs) + 0.6]
set format x
set xtics ("" 0)
set xtics add (word(inputs, 1) 1, word(inputs, 2) 2, word(inputs, 3) 3, word(inputs, 4) 4)
set xlabel
set boxwidth 0.11
set style fill solid
set output folder . "/memory.svg"
set title "Memory that a list takes, bytes for a page"
plot for [i = 1:words(peers)] data \
	using (place(strcol(2), i)):(y("bytes_per_page", word(peers, i))) \
	with boxes lc rgb colours[i] title word(peers, i)
