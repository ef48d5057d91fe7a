resource "terraform_data" "a" {
  for_each = {
    n    = 1
    f    = 1.5
    neg  = -3
    big  = 12345678901234567890
    s    = "x"
    uni  = "é\u00e9 \n\t\"q\" <&>"
    nul  = null
    b    = false
  }
  input = each.value
}
resource "terraform_data" "l" {
  input = tolist(["b", "a"])
}
resource "terraform_data" "st" {
  input = toset(["b", "a"])
}
resource "terraform_data" "m" {
  input = tomap({ z = 1, a = 2 })
}
resource "terraform_data" "t" {
  input = [1, "a", null, [true], { x = [] }]
}
resource "terraform_data" "o" {
  input = { "k v" = 1, "a.b" = { c = null }, empty = {}, el = [], es = toset([]), em = tomap({}) }
}
resource "terraform_data" "nested" {
  input = [tolist([tomap({ a = toset([1, 2]) })])]
}
output "all" {
  value = { l = terraform_data.l.output, st = terraform_data.st.output, m = terraform_data.m.output, t = terraform_data.t.output, o = terraform_data.o.output, n = terraform_data.nested.output, each = [for k, v in terraform_data.a : v.output] }
}
