locals { a = "x" }
output "x" { value = local.a == "x" ? 1 : tonumber(local.a) }
