#!/bin/sh
# Shared hosting where .htaccess cannot carry the settings. As ~/public_html/notice.cgi where suexec lets none of them
# through, as ~/public_html/notice.fcgi where the host has mod_fcgid (a process that stays), chmod 700 where the host
# runs it as you, so that nobody else sees the key, otherwise 755. notice-handler goes to ~/bin. The rest is as in
# htaccess, without its two lines; if the host does not run the file, these:
#   Options +ExecCGI
#   AddHandler fcgid-script .fcgi
#
# Seen with Apache 2.4 (suexec) and mod_fcgid 2.3.9: GET with a body and POST arrive alike; a GET without one is
# answered 400. mod_fcgid answers a body over 128 KiB with 500 unless the host allows more (FcgidMaxRequestLen);
# plain CGI takes 1 MiB.
export NOTICE_SPOOL=/home/USER/notice-spool
export NOTICE_KEY=CHANGE-ME
# Any address that leads here.
export NOTICE_PATH=/
export NOTICE_WORKERS=1
exec /home/USER/bin/notice-handler
