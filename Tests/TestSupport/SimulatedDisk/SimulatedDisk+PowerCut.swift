/// The end of processes, and of the power.
extension SimulatedDisk {
  /// Ends a process as `kill -9` does: what it did stays, its descriptors and locks go.
  package func kill(_ process: SimulatedProcess) {
    process.isDead = true
    let identifier = ObjectIdentifier(process)
    for (descriptor, file) in descriptors where file.process == identifier { close(descriptor) }
    processes.removeAll { $0 === process }
  }

  /// Ends all processes, and leaves on the disk what was synced, and by chance of the rest.
  package func cutPower() {
    for process in processes { process.isDead = true }
    processes = []
    descriptors = [:]
    let fates: [SimulatedFate] = [.nothing, .everything, .mixed, .mixed, .beginning, .beginning]
    let fate = fates[Int(chance.next() % UInt64(fates.count))]
    for change in surviving(fate) { commit(change) }
    changes = []

    for node in nodes {
      node.holder = nil
      node.links = 0
      node.entries = node.durableEntries.compactMapValues(\.node)
    }
    reach(nodes[0])
    for node in nodes where node.isFile {
      if node.links > 0 { node.content.cutPower(fate, &chance) }
      allocate(node.links > 0 ? Self.blocks(node.content.visible.count) : 0, to: node)
    }
    restartClock()
  }

  /// Makes the names of a directory durable.
  func syncNames(of directory: SimulatedNode) {
    changes.removeAll { change in
      guard change.parts.contains(where: { $0.directory == directory.number }) else { return false }
      commit(change)
      return true
    }
  }

  private func surviving(_ fate: SimulatedFate) -> [SimulatedNameChange] {
    switch fate {
    case .nothing: []
    case .everything: changes
    case .mixed: changes.filter { _ in chance.next() % 2 == 0 }
    case .beginning: Array(changes.prefix(Int(chance.next() % UInt64(changes.count + 1))))
    }
  }

  private func commit(_ change: SimulatedNameChange) {
    for part in change.parts {
      let node = nodes[part.directory]
      // A later change of the same name may be durable already.
      if let known = node.durableEntries[part.name], known.change > change.number { continue }
      node.durableEntries[part.name] = (part.node, change.number)
    }
  }

  private func reach(_ directory: SimulatedNode) {
    directory.links = 1
    for number in directory.entries.values {
      let node = nodes[number]
      if node.isDirectory { reach(node) } else { node.links += 1 }
    }
  }
}
