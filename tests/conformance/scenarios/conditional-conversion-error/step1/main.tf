output "x" { value = true ? 1 : tonumber("x") }
