set -e
mkdir img; cd img
t() { truncate -s $2 $1; }
t exfat 8M; mkfs.exfat -c 4K exfat >/dev/null
t xfs 48M;  TEST_DIR=/x TEST_DEV=/x QA_CHECK_FS=1 mkfs.xfs -q -f --unsupported -d agcount=2 xfs
t xfs4 40M;  mkfs.xfs -q -f --unsupported -m crc=0 -d agcount=2 -n size=8192 -b size=1024 xfs4
t ext4 16M; mke2fs -q -F -t ext4 ext4
t ntfs 12M; mkntfs -F -q ntfs
t apfs 600M; mkapfs apfs
mkdir tree; head -c 6000000 /dev/zero > tree/filler
xorriso -as mkisofs -quiet -hfsplus -o both.iso tree >/dev/null 2>&1
python3 - <<'P'
import struct
d=open('both.iso','rb').read(); s=d.index(b"H+\0\4")-1024
bs,n=struct.unpack_from('>II',d,s+1024+40)
v=bytearray(d[s:s+bs*n])
a=struct.unpack_from('>I',v,1028)[0]; print('hfs attrs %x block %d n %d'%(a,bs,n))
struct.pack_into('>I',v,1028,(a|0x100)&~0x8000)
key=struct.pack('>Q',6000000); at=v.index(key); ext=struct.unpack_from('>16I',v,at+16)
af=struct.unpack_from('>II',v,1024+112+16)  # allocation file's first extent
free=0
for st,n in zip(ext[::2],ext[1::2]):
    for b in range(st,st+n):
        p=af[0]*bs+b//8; v[p]&=~(0x80>>(b%8)); free+=1
v[at:at+80]=bytes(8)+v[at+8:at+12]+bytes(68)
f=struct.unpack_from('>I',v,1024+48)[0]; struct.pack_into('>I',v,1024+48,f+free)
print('freed',free,ext[:2])
open('hfsplus','wb').write(v)
P
rm both.iso; rm -r tree
