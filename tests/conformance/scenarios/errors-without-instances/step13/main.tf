output "x" { value = [for x in [] : tonumber("q")] }
