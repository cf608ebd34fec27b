<?php
// The intake in PHP, for php-fpm and php-cgi: json_decode, append, fdatasync, one process after the other (flock). A 200
// means that the sync has returned. The file is named by NOTICE_FILE.
$body = file_get_contents('php://input');
if (json_decode($body) === null) {
    http_response_code(400);
    exit;
}
$line = $body . "\n";
$file = fopen($_SERVER['NOTICE_FILE'] ?? getenv('NOTICE_FILE'), 'a');
$isDurable = $file && flock($file, LOCK_EX) && fwrite($file, $line) === strlen($line) && fdatasync($file);
http_response_code($isDurable ? 200 : 503);
header('Content-Type: application/json');
echo '{}';
