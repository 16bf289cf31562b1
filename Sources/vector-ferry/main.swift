print("vector-ferry")
