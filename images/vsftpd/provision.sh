#!/bin/sh
# What vsFTPd's stock settings ask of a machine.  Run in the image's build, or by
# the process backend on its overlay of the machine.
set -eu

# The sandboxed user of the unprivileged process is `nobody`, which exists;
# anonymous sessions run as `ftp`.
getent group ftp >/dev/null || groupadd --system ftp
getent passwd ftp >/dev/null ||
    useradd --system --gid ftp --shell /usr/sbin/nologin ftp
# Where the machine had that user already, his home may be elsewhere.
usermod --home /srv/ftp ftp

# A local user who is chrooted to a home of her own.
getent passwd visitor >/dev/null ||
    useradd --user-group --no-create-home --home-dir /srv/visitor --shell /bin/sh visitor
echo 'visitor:visitor' | chpasswd

cat >/etc/pam.d/vsftpd <<'PAM'
auth    required pam_unix.so
account required pam_unix.so
session required pam_permit.so
PAM

# vsFTPd's compiled-in secure_chroot_dir; Debian's lies in /run and is made at each start.
mkdir -p /usr/share/empty
