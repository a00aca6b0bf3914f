#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for m in $(cat /mods/order); do insmod /mods/$m 2>/dev/null || echo "insmod $m failed"; done
sleep 1
fill() { # $1 seed-word $2 bytes : text that can be told apart by place, and compressible
  yes "$1 0123456789 abcdefghijklmnopqrstuvwxyz" | awk '{print NR" "$0}' | head -c $2
}
mkmany() { mkdir -p "$1"; i=0; while [ $i -lt $2 ]; do echo "many $i" > "$1/$(printf '%04d' $i) a name that takes some room in a folder.txt"; i=$((i+1)); done; }
populate() { local fs=$1
  echo alpha > a.txt; : > empty
  for n in 1 511 512 513 4095 4096 4097 65536; do fill size$n $n > size$n.bin; done
  fill large 300001 > large.bin
  mkdir -p "var/www/up/deep/er/and/deep er still"
  fill photo 20000 > "var/www/up/photo one.jpg"
  fill deep 777 > "var/www/up/deep/er/and/deep er still/at the bottom"
  fill uml 1234 > "$(printf '\303\274ml\303\244ut.bin')"
  fill nfd 1235 > "$(printf 'nfd-e\314\201.bin')"
  fill emoji 1236 > "$(printf '\360\237\223\267 \346\227\245\346\234\254.png')"
  fill long 99 > "$(yes n | tr -d '\n' | head -c 251).bin"
  fill dots 98 > "..two.dots.."
  # two files grown in turns: fragmented
  i=0; while [ $i -lt 12 ]; do fill fragA$i 9000 >> fragA.bin; sync; fill fragB$i 7000 >> fragB.bin; sync; i=$((i+1)); done
  dd if=/dev/zero of=hole.bin bs=1 count=0 seek=200000 2>/dev/null; fill tail 50 | dd of=hole.bin bs=1 seek=199990 conv=notrunc 2>/dev/null
  mkmany many $MANY
  case $fs in
   xfs|ext4|apfs|hfsplus|fuse.ntfs) ln -s a.txt sym; ln -s "$(yes x | tr -d '\n' | head -c 900)" longsym; [ $fs = hfsplus ] || ln large.bin "hard link";;
  esac
  case $fs in xfs|ext4|apfs|hfsplus) mkfifo pipe; mknod dev c 1 3; touch "back\\slash:and \"quotes\"";; esac
  case $fs in xfs|ext4) fallocate -l 50000 unwritten.bin; fill un 10 | dd of=unwritten.bin bs=1 seek=20000 conv=notrunc 2>/dev/null;; esac
  case $fs in fuse.ntfs) :;; esac
  mkdir gone; i=0; while [ $i -lt 8 ]; do fill gone$i $((100 + i*3000)) > "gone/deleted $i.bin"; i=$((i+1)); done
  fill goneroot 5000 > "$(printf 'gone r\303\266\303\266t with a long name that needs several entries.bin')"
}
sums() { find . -type f -print0 | sort -z | xargs -0 sha256sum; find . \( -type l -o -type p -o -type c \) | sort | sed 's/^/OTHER  /'; echo "COUNT $(find . -type f | wc -l) files $(find . -mindepth 1 -type d | wc -l) folders"; }
for d in /sys/block/vd?; do
  dev=$(basename $d); spec=$(cat /proc/cmdline | tr ' ' '\n' | grep "^$dev=" | cut -d= -f2); fs=${spec%%,*}; MANY=${spec##*,}
  [ -n "$fs" ] || continue
  echo "@@ BEGIN $dev $fs"; ls -la /dev/fuse; chroot / /bin/ntfs-3g --version
  case $fs in
   apfs) opt="-t apfs -o readwrite,uid=0,gid=0"; ro="-t apfs";;
   hfsplus) opt="-t hfsplus -o force,nls=utf8"; ro="-t hfsplus -o ro,nls=utf8";;
   exfat) opt="-t exfat -o iocharset=utf8"; ro="-t exfat -o ro,iocharset=utf8";;
   vfat) opt="-t vfat -o iocharset=utf8"; ro="$opt,ro";;
   ntfs) opt=""; ro="";;
   *) opt="-t $fs"; ro="-t $fs -o ro";;
  esac
  m() { if [ $fs = ntfs ]; then ntfs-3g -o locale=C.UTF-8 $2 /dev/$dev /mnt; else mount $1 /dev/$dev /mnt; fi; }
  [ $fs = hfsplus ] && fsck=1
  m "$opt" || { echo "@@ MOUNT FAILED"; dmesg | tail -12; continue; }
  cd /mnt; touch probe && rm probe || { echo "@@ READ ONLY"; dmesg | tail -12; cd /; umount /mnt; continue; }; rm -f filler; sync; k=$fs; [ $fs = ntfs ] && k=fuse.ntfs
  populate $k 2>&1; sync; cd /; umount /mnt; sleep 1; m "$opt"; cd /mnt
  echo "@@ BEFORE"; sums; echo "@@ END BEFORE"
  rm -rf gone; rm -f "$(printf 'gone r\303\266\303\266t with a long name that needs several entries.bin')"
  sync; cd /; umount /mnt; sleep 1
  m "$ro" "-o ro" || m "$opt"; cd /mnt; echo "@@ AFTER"; sums; df . | tail -1; df -i . | tail -1;  echo "@@ END AFTER"; cd /; umount /mnt
done
dmesg | grep -iE 'error|warn|corrupt' | tail
sync; echo "@@ DONE"; poweroff -f
