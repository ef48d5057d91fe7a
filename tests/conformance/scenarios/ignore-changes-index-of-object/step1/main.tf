resource "terraform_data" "a" { 
  input = { a = [1, 2] } 
  lifecycle { ignore_changes = [input["a"][0]] }
}
