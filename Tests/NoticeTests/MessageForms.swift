/// What the `message` form of each sample is, written down once and looked through by eye: a receiver that was built upon it
/// must not meet another.
enum MessageForms {
  static let ofSamples: [String: String] = [
    "file.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000811","type":"file","typeNumber":1,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"name":"报价单 2026.xlsx","fileUrl":"https://media.example.com/1000811","size":"18231"}}
    """#,
    "flat-organisation.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message-flat","messageId":"1000900","type":"text","typeNumber":7,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"60ae24d7f630f1dd8745eb87"},"sender":{"id":"7881300085910772"},"bot":{"wxid":"1688854747775509","weixin":"ZhuShou"},"payload":{"text":"flat dialect"}}
    """#,
    "image-first-push.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000810","type":"image","typeNumber":6,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{}}
    """#,
    "image-second-push.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000810","type":"image","typeNumber":6,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"imageUrl":"https://media.example.com/1000810.jpg","size":83211,"artwork":{"url":"https://media.example.com/1000810-o.jpg","width":1920,"height":1080}}}
    """#,
    "link.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000814","type":"link","typeNumber":12,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"title":"新品","description":"","url":"https://example.com/?a=1&b=\"2\"","thumbnailUrl":null}}
    """#,
    "location.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000813","type":"location","typeNumber":8,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"name":"人民广场","address":"上海市黄浦区","latitude":"31.2304","longitude":121.4737,"accuracy":10}}
    """#,
    "mini-program.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000815","type":"mini-program","typeNumber":9,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"appid":"wx0000000000000000","title":"商城","description":"","pagePath":"pages/index?x=1","thumbUrl":"","iconUrl":"","username":"gh_000000000000@app"}}
    """#,
    "odd-but-valid.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"12345678901234567890","type":"text","typeNumber":7,"bot":{"id":"b"},"payload":{"text":"\ud83d\ude00 \u0000 \/ \ud800","n":1E400,"deep":[[[[[[[[]]]]]]]]}}
    """#,
    "page-example.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"string","type":"unknown","typeNumber":0,"chat":{"id":"string","room":{"id":"string","topic":"string","wecomChatId":"string"}},"sender":{"id":"string","name":"string","avatar":"string","type":"unknown","coworker":true,"externalUserId":"string"},"bot":{"id":"string","wxid":"string","weixin":"string"},"isSelf":true,"mentionSelf":true,"source":"phone","sentBy":"string","payload":{"content":"string"}}
    """#,
    "recalled.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000816","type":"recalled","typeNumber":11,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"content":"1000703"}}
    """#,
    "room-left-event.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"other","path":"/notice","event":{"botId":"68d3b986de170dd6eb01982a","roomId":"R:10696050465026800","leaverList":["7881300085910772"],"timestamp":1762489700000,"token":null}}
    """#,
    "room-second-bot.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000703","type":"text","typeNumber":7,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"60ae24d7f630f1dd8745eb86","room":{"id":"R:10696050465026800","topic":"产品交流群","wecomChatId":"wrSAMPLE0000000000000000000001"}},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982b","wxid":"1688854747775510","weixin":"ZhuShou2"},"isSelf":false,"mentionSelf":false,"payload":{"text":"@助手 明天几点开会？😀"}}
    """#,
    "self-console.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000817","type":"text","typeNumber":7,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":true,"mentionSelf":false,"source":"console","sentBy":"62ff3f4c5d6e7f8091a2b3c4","payload":{"text":"好的，我马上发给您"}}
    """#,
    "system-10001.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"873e686d-dde3-4cfb-aa65-9e6719212996","type":"wecom-system","typeNumber":10001,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"60ae24d7f630f1dd8745eb86","room":{"id":"R:10696050465026800","topic":"产品交流群","wecomChatId":"wrSAMPLE0000000000000000000001"}},"sender":{"avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"wechatSystemPayloadType":0,"subPayload":{"inviteeList":[{"displayName":"韩梅梅","wxid":"wxid_sample","isSelf":false}],"inviter":{"displayName":"李雷","wxid":"7881300085910772","isSelf":false},"timestamp":1762489668783}}}
    """#,
    "text-private.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"2422188041612737714","type":"text","typeNumber":7,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"text":"你好，请问这个产品多少钱？","pureText":"你好，请问这个产品多少钱？"}}
    """#,
    "text-room-mention.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000703","type":"text","typeNumber":7,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"60ae24d7f630f1dd8745eb86","room":{"id":"R:10696050465026800","topic":"产品交流群","wecomChatId":"wrSAMPLE0000000000000000000001"}},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":true,"payload":{"text":"@助手 明天几点开会？😀","mention":["1688854747775509"],"quoteMessage":{"wxid":"7881300085910772","nickname":"李雷","messageId":"1000702","type":7,"content":{"text":"开会"},"timestamp":1762489580000}}}
    """#,
    "unknown-type-10002.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000818","type":"10002","typeNumber":10002,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":"plain string payload"}
    """#,
    "voice.json": #"""
    {"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","kind":"message","messageId":"1000812","type":"voice","typeNumber":2,"sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"68e7618f9d6d3a463b8dec3d"},"sender":{"id":"7881300085910772","name":"李雷","avatar":"https://wx.qlogo.cn/mmhead/sample/0","type":"wechat","coworker":false,"externalUserId":"wmSAMPLE0000000000000000000001"},"bot":{"id":"68d3b986de170dd6eb01982a","wxid":"1688854747775509","weixin":"ZhuShou"},"isSelf":false,"mentionSelf":false,"payload":{"voiceUrl":"https://media.example.com/1000812.mp3","duration":7}}
    """#,
  ]
}
