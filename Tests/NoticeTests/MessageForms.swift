enum MessageForms { static let ofSamples: [String: String] = [:] }
