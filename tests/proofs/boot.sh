# A machine of its own, as far as namespaces make one: sourced by a shell that
# `unshare --mount ...` has started.
#
#     machine FOLDER CHECKOUT    this machine's files under FOLDER/root, and what is written to them in
#                                FOLDER/upper; the checkout at /usr/src/filmeto, read only
#     quieten                    this machine's own services are not those of the new one
#     boot                       goes over into it and becomes its systemd (needs PID 1 of a namespace)

machine() {
    set -e
    mount --make-rprivate /
    mkdir -p "$1/upper" "$1/work" "$1/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
    cd "$1/root"
    mount -t proc proc proc
    mount --rbind /sys sys
    mount --rbind /dev dev
    mount -t tmpfs tmpfs run
    mount -t tmpfs tmpfs tmp
    mkdir -p usr/src/filmeto
    mount --bind -o ro "$2" usr/src/filmeto
}

quieten() {
    # The kernel and the devices are this machine's as well: systemd is to leave them as they are.
    find usr/lib/systemd/system/sysinit.target.wants -type l ! -name 'systemd-journal*' -delete
    find usr/lib/systemd/system/*.target.wants -type l -name '*udev*' -delete
    rm -rf usr/lib/systemd/system/local-fs.target.wants usr/lib/systemd/system/multi-user.target.wants
    find etc/systemd/system/*.wants -type l ! -name 'postgresql*' -delete
    : > etc/fstab
}

boot() {
    set -e
    mount -t tmpfs tmpfs sys/fs/cgroup
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mkdir -p .before
    pivot_root . .before
    umount -l /.before
    exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=0
}
